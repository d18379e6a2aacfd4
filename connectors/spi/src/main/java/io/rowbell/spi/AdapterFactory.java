package io.rowbell.spi;

/**
 * Makes adapters of one kind. Found by {@link java.util.ServiceLoader}, so it has a public
 * constructor without parameters; configured by a record.
 *
 * @param <S> a record whose components are the settings, see {@link Setting}
 */
public sealed interface AdapterFactory<S extends Record>
    permits SourceFactory, JournalFactory, SinkFactory {
  /** The word that chooses it in the configuration, for example {@code postgres}. */
  String name();

  /** The record its settings are bound to. */
  Class<S> settingsType();
}
