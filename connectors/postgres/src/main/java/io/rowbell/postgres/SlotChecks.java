package io.rowbell.postgres;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.Position;
import io.rowbell.spi.Resume;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the slot can be streamed from, and whether it, the journal and the server tell one story.
 *
 * <p>Two of the promise's checks: the slot's {@code confirmed_flush_lsn} is at or before the
 * journal's position D, or else the changes between are gone; and D is at or before the end of the
 * server's log, or else the server was set back. Without D the journal begins where the slot is.
 */
final class SlotChecks {
  /** Since when the server can keep a slot on its standbys, too. */
  private static final int FAILOVER_SLOTS = 17;

  private final String name;
  private final ServerState server;
  private final Diagnosis.Collector found;

  SlotChecks(String name, ServerState server, Diagnosis.Collector found) {
    this.name = name;
    this.server = server;
    this.found = found;
  }

  /**
   * @param slot null if there is none
   */
  void check(@Nullable SlotState slot, Resume resume) {
    if (resume.database() != null && !resume.database().equals(server.database())) {
      otherDatabase(resume);
      return;
    }
    Checkpoint checkpoint = resume.checkpoint();
    Position journal = checkpoint == null ? null : checkpoint.position();
    serverBehind(journal);
    if (slot == null) {
      absent(journal);
    } else if (fits(slot)) {
      inUse(slot);
      if (lost(slot)) {
        gap(slot, journal);
      } else {
        danger(slot);
        failover(slot);
        slotAhead(slot, journal);
      }
    }
  }

  private void otherDatabase(Resume resume) {
    boolean sameServer =
        resume.database() != null
            && resume.database().systemIdentifier().equals(server.database().systemIdentifier());
    found.add(
        Problem.OTHER_DATABASE,
        "journal",
        "the journal was written from "
            + (sameServer ? "another database of this server" : "another server")
            + ": "
            + resume.database()
            + ", and this is "
            + server.database(),
        "connect to the database that the journal belongs to, or begin a new journal",
        List.of());
  }

  private void serverBehind(@Nullable Position journal) {
    Position flushed = server.flushed();
    if (journal != null && flushed != null && journal.compareTo(flushed) > 0) {
      found.add(
          Problem.SERVER_BEHIND,
          "journal",
          "the journal ends at "
              + journal
              + ", "
              + journal.bytesSince(flushed)
              + " bytes after the end of the server's log at "
              + flushed
              + ": the server was set back to an earlier state",
          "events after that state tell of changes which the server no longer has; connect to the"
              + " server that has them, or decide what becomes of those events and begin a new"
              + " journal",
          List.of());
    }
  }

  private void absent(@Nullable Position journal) {
    if (journal == null) {
      found.addRepairable(
          Problem.NO_SLOT,
          "slot " + name,
          "there is no replication slot '" + name + "'",
          "a role with REPLICATION makes it, connected to database '"
              + server.database().database()
              + "', after the publication; it waits until the transactions that are open now have"
              + " ended",
          List.of(creation()));
      return;
    }
    found.add(
        Problem.SLOT_GONE,
        "slot " + name,
        "there is no replication slot '"
            + name
            + "' any more, and the journal ends at "
            + journal
            + ": changes committed after that ("
            + server.flushed()
            + " is the end of the log) can no longer be read",
        "if they may be missed, begin a new journal and let check --apply make a new slot; rules"
            + " that ask for a snapshot then read the tables again",
        List.of());
  }

  /** Whether it is a slot that we could stream from at all. */
  private boolean fits(SlotState slot) {
    String wrong;
    if (slot.plugin() == null) {
      wrong = "is a physical one";
    } else if (!slot.plugin().equals("pgoutput")) {
      wrong = "has the plugin '" + slot.plugin() + "', not pgoutput";
    } else if (!server.database().database().equals(slot.database())) {
      wrong = "belongs to database '" + slot.database() + "'";
    } else if (slot.temporary()) {
      wrong = "is temporary: it goes with the connection that made it";
    } else {
      return true;
    }
    found.add(
        Problem.WRONG_SLOT,
        "slot " + name,
        "the replication slot '" + name + "' " + wrong,
        "set source.postgres.slot to another name, or drop this one if nobody needs it",
        List.of());
    return false;
  }

  private void inUse(SlotState slot) {
    if (slot.heldBy() != null) {
      found.add(
          Problem.SLOT_IN_USE,
          "slot " + name,
          "somebody streams from the replication slot '" + name + "': " + slot.heldBy(),
          "if it is this pipeline, all is well, and a second one would not start; if it is another"
              + " program, give this pipeline another slot",
          List.of());
    }
  }

  private static boolean lost(SlotState slot) {
    return slot.walStatus().equals("lost") || slot.invalidation() != null;
  }

  private void gap(SlotState slot, @Nullable Position journal) {
    found.add(
        Problem.SLOT_LOST,
        "slot " + name,
        "the server has given the replication slot '"
            + name
            + "' up ("
            + (slot.invalidation() == null ? "wal_status lost" : slot.invalidation())
            + "): changes committed after "
            + (journal == null ? String.valueOf(slot.confirmed()) : journal)
            + " can no longer be read",
        "if they may be missed, drop the slot, begin a new journal and let check --apply make a new"
            + " slot; raise max_slot_wal_keep_size, or keep the pipeline running, so that it does"
            + " not happen again",
        List.of("SELECT pg_drop_replication_slot('" + name + "')"));
  }

  private void danger(SlotState slot) {
    Long safe = slot.safeBytes();
    boolean little = safe != null && server.keepBytes() > 0 && safe < server.keepBytes() / 5;
    if (slot.walStatus().equals("unreserved") || little) {
      found.add(
          Problem.SLOT_IN_DANGER,
          "slot " + name,
          "the replication slot '"
              + name
              + "' is about to be given up: "
              + (safe == null || safe <= 0
                  ? "the next checkpoint may remove log that it needs"
                  : safe + " more bytes of log may be written until then"),
          "start the pipeline now, or raise max_slot_wal_keep_size first",
          List.of("ALTER SYSTEM SET max_slot_wal_keep_size = -1", "SELECT pg_reload_conf()"));
    }
  }

  private void failover(SlotState slot) {
    if (server.since(FAILOVER_SLOTS) && server.standbys() && !slot.failover()) {
      found.add(
          Problem.NO_FAILOVER,
          "slot " + name,
          "the replication slot '"
              + name
              + "' is not kept on standbys, and this server seems to have some: when one is"
              + " promoted, the slot is gone",
          "stop the pipeline and run ALTER_REPLICATION_SLOT "
              + SqlConnections.quoted(name)
              + " (FAILOVER true) on a replication connection (psql"
              + " 'dbname="
              + server.database().database()
              + " replication=database'); the standby needs sync_replication_slots = on",
          List.of());
    }
  }

  private void slotAhead(SlotState slot, @Nullable Position journal) {
    Position confirmed = slot.confirmed();
    if (journal != null && confirmed != null && confirmed.compareTo(journal) > 0) {
      found.add(
          Problem.SLOT_AHEAD,
          "slot " + name,
          "the replication slot '"
              + name
              + "' is at "
              + confirmed
              + ", ahead of the journal, which ends at "
              + journal
              + ": the server no longer sends the changes of the "
              + confirmed.bytesSince(journal)
              + " bytes between",
          "somebody else read from the slot, or made it anew, or the journal is an old copy: bring"
              + " the newest journal back, or, if those changes may be missed, begin a new one",
          List.of());
    }
  }

  /** The statement that makes the slot; one that standbys keep, too, where there are such. */
  private String creation() {
    return "SELECT pg_create_logical_replication_slot('"
        + name
        + (server.since(FAILOVER_SLOTS) ? "', 'pgoutput', false, false, true)" : "', 'pgoutput')");
  }

  /** Whether the journal's timeline is in the server's past, up to the journal's position. */
  void timeline(long recorded, Checkpoint checkpoint, Timelines.History history) {
    Position journal = checkpoint.position();
    String problem =
        history
            .end(recorded)
            .map(
                end ->
                    journal.compareTo(end) <= 0
                        ? unfinished(checkpoint)
                        : "the server left that timeline at "
                            + end
                            + ", so the "
                            + journal.bytesSince(end)
                            + " bytes after that never happened here")
            .orElse("this server never was on that timeline");
    if (!problem.isEmpty()) {
      String list =
          history
              .end(recorded)
              .filter(end -> journal.compareTo(end) > 0)
              .map(end -> "'rowbell events --after " + end + "' lists what was told since; ")
              .orElse("");
      found.add(
          Problem.OTHER_TIMELINE,
          "journal",
          "the journal ends at "
              + journal
              + " on timeline "
              + recorded
              + ", and the server writes timeline "
              + server.timeline()
              + ": "
              + problem,
          "a standby was promoted that had not received everything: "
              + list
              + "decide what becomes of the events after the switch, then begin a new journal",
          List.of());
    }
  }

  /** Another transaction may have got the number of the one that is partly in the journal. */
  private static String unfinished(Checkpoint checkpoint) {
    return checkpoint.openXid() == 0
        ? ""
        : "the journal holds a part of transaction "
            + checkpoint.openXid()
            + ", which had not been committed then";
  }
}
