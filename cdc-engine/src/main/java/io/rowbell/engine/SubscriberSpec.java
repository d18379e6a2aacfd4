package io.rowbell.engine;

import io.rowbell.engine.config.SubscriberConfig;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Sink;
import java.lang.reflect.InvocationTargetException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A subscriber before it is connected to a journal, wherever it was asked for.
 *
 * @param sink makes a new sink for each connection
 * @param stats goes on from connection to connection
 */
record SubscriberSpec(
    String name,
    Set<String> types,
    Journal.Start start,
    RetryPolicy retry,
    Supplier<Sink> sink,
    Subscriber.Stats stats) {

  SubscriberSpec(
      String name, Set<String> types, Journal.Start start, RetryPolicy retry, Supplier<Sink> sink) {
    this(name, types, start, retry, sink, new Subscriber.Stats());
  }

  /**
   * From the configuration.
   *
   * @throws EngineException if a handler's class is none or cannot be made
   */
  static SubscriberSpec of(SubscriberConfig config, AdapterContext context) {
    Supplier<Sink> sink;
    if (config.target() instanceof SubscriberConfig.SinkTarget<?> target) {
      sink = () -> target.open(context);
    } else if (config.target() instanceof SubscriberConfig.HandlerTarget target) {
      sink = () -> HandlerSink.owned(handler(config.name(), target.type()));
    } else {
      throw new IllegalStateException("no other target is permitted: " + config.target());
    }
    return new SubscriberSpec(
        config.name(), config.events(), config.start(), RetryPolicy.of(config.retry()), sink);
  }

  /**
   * @throws EngineException if two have one name
   */
  static void requireDistinct(List<SubscriberSpec> subscribers) {
    Set<String> names = new HashSet<>();
    for (SubscriberSpec subscriber : subscribers) {
      if (!names.add(subscriber.name())) {
        throw new EngineException(
            ExitCode.CONFIGURATION,
            "two subscribers are named '"
                + subscriber.name()
                + "': each has a cursor of its own in the journal, so give them different names",
            null);
      }
    }
  }

  private static EventHandler handler(String subscriber, Class<?> type) {
    String what = "subscriber '" + subscriber + "': class " + type.getName();
    if (!EventHandler.class.isAssignableFrom(type)) {
      throw new EngineException(
          ExitCode.CONFIGURATION,
          what + " does not implement " + EventHandler.class.getName(),
          null);
    }
    try {
      return (EventHandler) type.getConstructor().newInstance();
    } catch (InvocationTargetException e) {
      throw new EngineException(
          ExitCode.CONFIGURATION, what + ": its constructor threw " + e.getCause(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new EngineException(
          ExitCode.CONFIGURATION, what + " needs a public constructor without parameters", e);
    }
  }
}
