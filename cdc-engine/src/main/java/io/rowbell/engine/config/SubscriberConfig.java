package io.rowbell.engine.config;

import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Setting;
import io.rowbell.spi.Sink;
import io.rowbell.spi.SinkFactory;
import java.util.Objects;
import java.util.Set;

/**
 * Someone who is served from the journal, at a pace of their own.
 *
 * @param name the cursor's name in the journal
 * @param events the event types they want; empty for all
 * @param target where events go
 * @param start where a new cursor begins
 * @param retry how a delivery that failed is tried again
 */
public record SubscriberConfig(
    @Setting("The name under which the journal keeps its cursor.") String name,
    @Setting(value = "The types of the events it wants; all if there are none.", byDefault = "[]")
        Set<String> events,
    @Setting("Where its events go.") Target target,
    @Setting(
            value = "Where it begins when it is new: with the next event, or the oldest kept.",
            byDefault = "latest")
        Journal.Start start,
    @Setting("How a delivery that failed is tried again.") RetryConfig retry) {
  public SubscriberConfig {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new InvalidSettingException(
          "name", "it is made of letters, digits, dots, dashes and underscores, at most 100");
    }
    events = Set.copyOf(events);
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(start, "start");
    Objects.requireNonNull(retry, "retry");
  }

  /** Where a subscriber's events go. */
  public sealed interface Target {
    /** Where it was written. */
    Section section();
  }

  /**
   * A class of the user's.
   *
   * @param type exists and is public; whether it is a handler is for the engine to say, by {@link
   *     Section#refused}
   */
  public record HandlerTarget(Class<?> type, Section section) implements Target {
    public HandlerTarget {
      Objects.requireNonNull(type, "type");
      Objects.requireNonNull(section, "section");
    }
  }

  /** A sink and its settings. */
  public record SinkTarget<S extends Record>(SinkFactory<S> factory, S settings, Section section)
      implements Target {
    public SinkTarget {
      Objects.requireNonNull(factory, "factory");
      Objects.requireNonNull(settings, "settings");
      Objects.requireNonNull(section, "section");
    }

    /**
     * Makes the sink; does not connect.
     *
     * @throws ConfigException if the sink refuses its settings
     */
    public Sink open(AdapterContext context) {
      try {
        return factory.open(settings, context);
      } catch (InvalidSettingException e) {
        throw section.refused(e);
      }
    }
  }
}
