package io.rowbell.engine.config;

import io.rowbell.spi.AdapterFactory;
import io.rowbell.spi.JournalFactory;
import io.rowbell.spi.SinkFactory;
import io.rowbell.spi.SourceFactory;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * The adapters there are, by name.
 *
 * @param sources may follow a database
 * @param journals may keep events
 * @param sinks may be a subscriber's destination
 */
record Adapters(
    Map<String, Shape.Adapter> sources,
    Map<String, Shape.Adapter> journals,
    Map<String, Shape.Adapter> sinks) {
  /** None at all: for records that choose none. */
  static final Adapters NONE = new Adapters(Map.of(), Map.of(), Map.of());

  /**
   * Those that are offered as services.
   *
   * @throws ConfigException if two have one name, or one cannot be loaded
   */
  @SuppressWarnings("rawtypes") // what ServiceLoader knows is a class
  static Adapters found(ClassLoader classes) {
    return new Adapters(
        named("source", ServiceLoader.load(SourceFactory.class, classes)),
        named("journal", ServiceLoader.load(JournalFactory.class, classes)),
        named("sink", ServiceLoader.load(SinkFactory.class, classes)));
  }

  @SuppressWarnings("rawtypes")
  private static Map<String, Shape.Adapter> named(
      String kind, Iterable<? extends AdapterFactory> factories) {
    Map<String, Shape.Adapter> adapters = new TreeMap<>();
    try {
      for (AdapterFactory<?> factory : factories) {
        Shape.Adapter other =
            adapters.putIfAbsent(
                factory.name(), new Shape.Adapter(factory, Shape.of(factory.settingsType(), NONE)));
        if (other != null) {
          throw new ConfigException(
              "two "
                  + kind
                  + "s are called '"
                  + factory.name()
                  + "': "
                  + other.factory().getClass().getName()
                  + " and "
                  + factory.getClass().getName()
                  + "; remove one of their jars");
        }
      }
    } catch (ServiceConfigurationError e) {
      throw new ConfigException("a " + kind + " cannot be loaded: " + e.getMessage());
    }
    return adapters;
  }
}
