package io.rowbell.postgres;

import io.rowbell.model.TableId;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;

/**
 * Looks at the publication from the checks before a start on, again before each marker. What is
 * handed over between an alteration and the next look is right, and the journal keeps the version
 * from before it: a later start finds the same. Used by one thread.
 */
final class PublicationWatch {
  private final PublicationHistory history;
  private final Collection<TableId> needed;
  private final JournalNotes notes;

  PublicationWatch(PublicationHistory history, Collection<TableId> needed, JournalNotes notes) {
    this.history = history;
    this.needed = needed;
    this.notes = notes;
  }

  /**
   * Looks.
   *
   * @throws SourceException POSITION_MISMATCH if changes may have been left out since the last look
   */
  void look(Connection connection) throws SQLException, SourceException {
    Diagnosis.Collector found = new Diagnosis.Collector();
    PublicationVersion now =
        history
            .compare(connection, needed, notes.get(PublicationVersion.STATE), found)
            .orElse(null);
    if (now == null) {
      history.gone(found);
    }
    if (!found.all().isEmpty()) {
      throw new SourceException(
          Kind.POSITION_MISMATCH, found.all().stream().map(Diagnosis::finding).toList());
    }
    if (now != null) {
      notes.put(PublicationVersion.STATE, now.bytes());
    }
  }
}
