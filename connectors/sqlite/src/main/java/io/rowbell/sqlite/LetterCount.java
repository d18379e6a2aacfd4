package io.rowbell.sqlite;

import io.rowbell.spi.JournalException;
import java.sql.Connection;
import java.sql.SQLException;

/** How many dead letters the file keeps: counted when somebody asks, if they may have changed. */
final class LetterCount {
  private final JournalFile file;
  private volatile boolean changed = true;
  private long count = -1;

  LetterCount(JournalFile file) {
    this.file = file;
  }

  /** Letters were kept or forgotten. From any thread. */
  void changed() {
    changed = true;
  }

  /** Or -1 if that cannot be found out just now. */
  synchronized long now() {
    if (changed) {
      changed = false;
      try (Connection connection = file.openForReading()) {
        count = Schema.number(connection, "SELECT count(*) FROM dead_letter");
      } catch (SQLException | JournalException e) {
        // A measure must not fail what it measures; the append and the poll will tell.
        count = -1;
        changed = true;
      }
    }
    return count;
  }
}
