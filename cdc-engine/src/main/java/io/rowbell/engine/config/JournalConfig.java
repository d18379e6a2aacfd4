package io.rowbell.engine.config;

import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalFactory;
import io.rowbell.spi.Resume;
import java.util.Objects;
import java.util.Optional;

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
   * Opens the journal for reading, beside its writer or without one.
   *
   * @throws JournalException as {@link JournalFactory#openReader}
   * @throws ConfigException if the journal refuses its settings
   */
  public EventReader openReader(AdapterContext context)
      throws JournalException, InterruptedException {
    try {
      return factory.openReader(settings, context);
    } catch (InvalidSettingException e) {
      throw section.refused(e);
    }
  }
}
