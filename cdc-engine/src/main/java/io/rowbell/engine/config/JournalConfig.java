package io.rowbell.engine.config;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.Act;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalFactory;
import io.rowbell.spi.Resume;
import io.rowbell.spi.SubscriberRecord;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The chosen journal and its settings.
 *
 * @param section where the settings were written
 */
public record JournalConfig<S extends Record>(
    JournalFactory<S> factory, S settings, Section section) {
  public JournalConfig {
    Objects.requireNonNull(factory, "factory");
    Objects.requireNonNull(settings, "settings");
    Objects.requireNonNull(section, "section");
  }

  /** Settings that were not read from a file. */
  public JournalConfig(JournalFactory<S> factory, S settings) {
    this(factory, settings, Section.UNWRITTEN);
  }

  /**
   * Opens the journal for writing, as its only writer.
   *
   * @throws JournalException as {@link JournalFactory#open}
   * @throws ConfigException if the journal refuses its settings
   */
  public Journal open(AdapterContext context) throws JournalException, InterruptedException {
    try {
      return factory.open(settings, context);
    } catch (InvalidSettingException e) {
      throw section.refused(e);
    }
  }

  /** How long one append may take before it fails; empty if no setting bounds it. */
  public Optional<Duration> longestAppend() {
    return factory.longestAppend(settings);
  }

  /**
   * What the journal holds, seen beside its writer or without one.
   *
   * @return empty if there is no journal yet
   * @throws JournalException as {@link JournalFactory#peek}
   * @throws ConfigException if the journal refuses its settings
   */
  public Optional<Resume> peek(AdapterContext context)
      throws JournalException, InterruptedException {
    try {
      return factory.peek(settings, context);
    } catch (InvalidSettingException e) {
      throw section.refused(e);
    }
  }

  /**
   * How many bytes the journal takes for one named value, seen beside its writer or without one.
   *
   * @throws JournalException as {@link JournalFactory#largestState}
   * @throws ConfigException if the journal refuses its settings
   */
  public int largestState(AdapterContext context) throws JournalException, InterruptedException {
    try {
      return factory.largestState(settings, context);
    } catch (InvalidSettingException e) {
      throw section.refused(e);
    }
  }

  /**
   * Opens the journal for reading, beside its writer or without one.
   *
   * @throws JournalException as {@link JournalFactory#openReader}
   * @throws ConfigException if the journal refuses its settings
   */
  public EventReader openReader(AdapterContext context)
      throws JournalException, InterruptedException {
    return openReader(context, Journal.Start.EARLIEST);
  }

  /** The same, with a choice where to begin. */
  public EventReader openReader(AdapterContext context, Journal.Start start)
      throws JournalException, InterruptedException {
    try {
      return factory.openReader(settings, context, start);
    } catch (InvalidSettingException e) {
      throw section.refused(e);
    }
  }

  /**
   * Reads the last dead letters that are wanted, one after the other, seen beside the journal's
   * writer or without one.
   *
   * @throws JournalException as {@link JournalFactory#readDeadLetters}
   * @throws ConfigException if the journal refuses its settings
   */
  public void readDeadLetters(
      AdapterContext context, Predicate<DeadLetter> wanted, int max, Consumer<DeadLetter> reader)
      throws JournalException, InterruptedException {
    try {
      factory.readDeadLetters(settings, context, wanted, max, reader);
    } catch (InvalidSettingException e) {
      throw section.refused(e);
    }
  }

  /**
   * The same dead letters without their payloads.
   *
   * @throws JournalException as {@link JournalFactory#listDeadLetters}
   * @throws ConfigException if the journal refuses its settings
   */
  public List<DeadLetter> listDeadLetters(
      AdapterContext context, Predicate<DeadLetter> wanted, int max)
      throws JournalException, InterruptedException {
    try {
      return factory.listDeadLetters(settings, context, wanted, max);
    } catch (InvalidSettingException e) {
      throw section.refused(e);
    }
  }

  /**
   * All subscribers that have a cursor, seen beside the journal's writer or without one.
   *
   * @throws JournalException as {@link JournalFactory#readSubscribers}
   * @throws ConfigException if the journal refuses its settings
   */
  public List<SubscriberRecord> readSubscribers(AdapterContext context)
      throws JournalException, InterruptedException {
    try {
      return factory.readSubscribers(settings, context);
    } catch (InvalidSettingException e) {
      throw section.refused(e);
    }
  }

  /**
   * The last of what people have done, oldest first, seen beside the journal's writer or without
   * one.
   *
   * @throws JournalException as {@link JournalFactory#readActs}
   * @throws ConfigException if the journal refuses its settings
   */
  public List<Act> readActs(AdapterContext context, int max)
      throws JournalException, InterruptedException {
    try {
      return factory.readActs(settings, context, max);
    } catch (InvalidSettingException e) {
      throw section.refused(e);
    }
  }
}
