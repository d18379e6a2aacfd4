package io.rowbell.sqlite;

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
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Opens journals in SQLite files: {@code journal: {sqlite: …}}. */
public final class SqliteJournalFactory implements JournalFactory<SqliteSettings> {
  private static final long SMALLEST = 1 << 20;

  /** As {@link java.util.ServiceLoader} needs it. */
  public SqliteJournalFactory() {}

  @Override
  public String name() {
    return "sqlite";
  }

  @Override
  public Class<SqliteSettings> settingsType() {
    return SqliteSettings.class;
  }

  @Override
  public Journal open(SqliteSettings settings, AdapterContext context) throws JournalException {
    if (settings.maxSize().bytes() < SMALLEST) {
      throw new InvalidSettingException("max-size", "a journal needs 1MiB at least");
    }
    if (settings.retention().isNegative()) {
      throw new InvalidSettingException("retention", "events cannot be kept for less than 0s");
    }
    return SqliteJournal.open(
        new JournalFile(file(settings, context)),
        context.pipeline(),
        settings.retention(),
        settings.maxSize(),
        Clock.systemUTC());
  }

  @Override
  public Optional<Resume> peek(SqliteSettings settings, AdapterContext context)
      throws JournalException {
    return Remembered.peek(new JournalFile(file(settings, context)), context.pipeline());
  }

  @Override
  public EventReader openReader(
      SqliteSettings settings, AdapterContext context, Journal.Start start)
      throws JournalException {
    return SqliteReader.open(new JournalFile(file(settings, context)), start);
  }

  @Override
  public void readDeadLetters(
      SqliteSettings settings,
      AdapterContext context,
      Predicate<DeadLetter> wanted,
      int max,
      Consumer<DeadLetter> reader)
      throws JournalException {
    DeadLetters.read(new JournalFile(file(settings, context)), wanted, max, reader);
  }

  @Override
  public List<DeadLetter> listDeadLetters(
      SqliteSettings settings, AdapterContext context, Predicate<DeadLetter> wanted, int max)
      throws JournalException {
    return DeadLetters.read(new JournalFile(file(settings, context)), wanted, max);
  }

  @Override
  public List<SubscriberRecord> readSubscribers(SqliteSettings settings, AdapterContext context)
      throws JournalException {
    return SubscriberRecords.read(new JournalFile(file(settings, context)));
  }

  @Override
  public List<Act> readActs(SqliteSettings settings, AdapterContext context, int max)
      throws JournalException {
    return Acts.read(new JournalFile(file(settings, context)), max);
  }

  private static Path file(SqliteSettings settings, AdapterContext context) {
    return context.directory().resolve(settings.file()).toAbsolutePath().normalize();
  }
}
