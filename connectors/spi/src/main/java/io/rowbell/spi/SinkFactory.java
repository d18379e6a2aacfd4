package io.rowbell.spi;

/** Makes sinks. */
public non-sealed interface SinkFactory<S extends Record> extends AdapterFactory<S> {
  /**
   * Makes a sink; need not connect.
   *
   * @throws InvalidSettingException if settings contradict each other
   */
  Sink open(S settings, AdapterContext context);
}
