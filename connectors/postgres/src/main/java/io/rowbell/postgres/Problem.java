package io.rowbell.postgres;

import static io.rowbell.spi.Finding.Severity.ERROR;
import static io.rowbell.spi.Finding.Severity.WARNING;

import io.rowbell.spi.Finding.Severity;

/** The catalogue of what the checks before a start can find: every code, in one place. */
enum Problem {
  /** A rule reads old values that PostgreSQL does not log. */
  OLD_VALUES_NOT_LOGGED("E110", ERROR),
  /** The publication sends less than the rules need: tables, operations, columns or rows. */
  NARROW_PUBLICATION("E201", ERROR),
  NO_PUBLICATION("E208", ERROR),
  NO_SLOT("E204", ERROR),
  /** The slot belongs to another plugin or database, is physical or temporary. */
  WRONG_SLOT("E205", ERROR),
  /** Another process streams from the slot; a start waits for it. */
  SLOT_IN_USE("W206", WARNING),
  /** The server has given the slot up. */
  SLOT_LOST("E207", ERROR),
  /** The server is about to give the slot up. */
  SLOT_IN_DANGER("W207", WARNING),
  /** The server has standbys, and the slot is not kept on them. */
  NO_FAILOVER("W208", WARNING),
  OLD_SERVER("E210", ERROR),
  WAL_LEVEL("E211", ERROR),
  NO_FREE_SLOT("E212", ERROR),
  NO_FREE_SENDER("E213", ERROR),
  /** The server is a standby. */
  STANDBY("E214", ERROR),
  /** The database has no encoding, so text need not be text. */
  NO_ENCODING("W215", WARNING),
  NOT_REPLICATION("E220", ERROR),
  /** The role may not write the markers that prove the stream alive. */
  NO_MARKERS("E221", ERROR),
  /** The role may not read a table that is to be backfilled. */
  NOT_READABLE("E222", ERROR),
  /** A table that is to be backfilled has no primary key, or its key is not published. */
  NO_BACKFILL_KEY("E223", ERROR),
  NO_TABLE("E230", ERROR),
  NO_COLUMN("E231", ERROR),
  /** A column is gone from the table, and may be there in rows that are still to come. */
  COLUMN_GONE("W231", WARNING),
  UNLOGGED("E232", ERROR),
  /** A generated column that pgoutput does not send. */
  NOT_SENT("E233", ERROR),
  /** The application's own UPDATE or DELETE would fail if we published the table. */
  OUTAGE("E235", ERROR),
  /** It fails already, because somebody has. */
  OUTAGE_ALREADY("W235", WARNING),
  /** The journal belongs to another database. */
  OTHER_DATABASE("E240", ERROR),
  /** The slot is ahead of the journal: the changes between are gone. */
  SLOT_AHEAD("E241", ERROR),
  /** The journal is ahead of the server: the server has lost what the journal tells of. */
  SERVER_BEHIND("E242", ERROR),
  /** The slot is gone and the journal has a position. */
  SLOT_GONE("E243", ERROR),
  /** The server's history left the journal's before the journal's position. */
  OTHER_TIMELINE("E244", ERROR),
  /** The publication was altered so that it may have left changes out. */
  PUBLICATION_ALTERED("E245", ERROR);

  private final String code;
  private final Severity severity;

  Problem(String code, Severity severity) {
    this.code = code;
    this.severity = severity;
  }

  String code() {
    return code;
  }

  Severity severity() {
    return severity;
  }

  /** Whether going on would lose or repeat changes, rather than only fail. */
  boolean aboutPosition() {
    return switch (this) {
      case SLOT_LOST,
          OTHER_DATABASE,
          SLOT_AHEAD,
          SERVER_BEHIND,
          SLOT_GONE,
          OTHER_TIMELINE,
          PUBLICATION_ALTERED ->
          true;
      default -> false;
    };
  }
}
