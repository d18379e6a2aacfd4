package io.rowbell.spi;

/** Makes sources. */
public non-sealed interface SourceFactory<S extends Record> extends AdapterFactory<S> {
  /**
   * Makes a source; does not connect.
   *
   * @throws InvalidSettingException if settings contradict each other
   */
  Source open(S settings, AdapterContext context);
}
