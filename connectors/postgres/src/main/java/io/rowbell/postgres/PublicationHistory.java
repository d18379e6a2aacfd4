package io.rowbell.postgres;

import io.rowbell.model.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether the publication can have left out changes since the journal last saw it. PostgreSQL sends
 * a change if the publication has the table when the change is decoded as of its commit, and says
 * nothing of what it does not send.
 *
 * @param publication its name
 * @param accepted the token of a version that people accept whatever was left out before, or null
 */
record PublicationHistory(String publication, @Nullable String accepted) {

  /**
   * Compares the publication as it is with what the journal keeps of it.
   *
   * @param recorded what the journal keeps; null if nothing
   * @param found is told what may have been left out
   * @return what the journal is to keep from here on, if nothing was found; empty if there is no
   *     such publication
   */
  Optional<PublicationVersion> compare(
      Connection connection,
      Collection<TableId> needed,
      byte @Nullable [] recorded,
      Diagnosis.Collector found)
      throws SQLException {
    PublicationVersion now = PublicationVersion.read(connection, publication, needed).orElse(null);
    if (now == null || recorded == null) {
      return Optional.ofNullable(now);
    }
    PublicationVersion before = PublicationVersion.parse(recorded);
    List<String> altered = now.alteredSince(before);
    if (altered.isEmpty()) {
      return Optional.of(now.remembering(before, needed));
    }
    if (!now.token().equals(accepted)) {
      report(now, altered, found);
    }
    return Optional.of(now);
  }

  private void report(PublicationVersion now, List<String> altered, Diagnosis.Collector found) {
    found.add(
        Problem.PUBLICATION_ALTERED,
        "publication " + publication,
        "publication '"
            + publication
            + "' was altered since the journal last saw it: "
            + String.join("; ", altered)
            + ". Changes committed in between may be missing",
        "if nothing that rules need was taken out in between (check --apply only adds), or what is"
            + " missing may be missed, set source.postgres.accept-publication to "
            + now.token()
            + " and start again; else bring the missing rows in by hand, or begin a new journal"
            + " whose rules ask for a snapshot",
        List.of());
  }

  /** What is told if the publication goes while it is followed. */
  void gone(Diagnosis.Collector found) {
    found.add(
        Problem.PUBLICATION_ALTERED,
        "publication " + publication,
        "publication '"
            + publication
            + "' is gone, and was there when the stream began: changes committed from its end on"
            + " are not sent",
        "make it anew; the next start then says how to accept that changes are missing",
        List.of());
  }
}
