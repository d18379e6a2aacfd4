package io.rowbell.sqlite;

import io.rowbell.spi.ByteSize;
import io.rowbell.spi.JournalFactory;
import io.rowbell.testkit.JournalContract;
import java.nio.file.Path;
import java.time.Duration;

class SqliteJournalIT extends JournalContract<SqliteSettings> {
  @Override
  protected JournalFactory<SqliteSettings> factory() {
    return new SqliteJournalFactory();
  }

  @Override
  protected SqliteSettings settings() {
    return new SqliteSettings(
        Path.of("data", "journal.db"), Duration.ofDays(7), ByteSize.parse("1GiB"));
  }
}
