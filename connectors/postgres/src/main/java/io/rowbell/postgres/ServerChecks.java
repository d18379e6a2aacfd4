package io.rowbell.postgres;

import java.util.List;

/** What the server and our role must be, whatever is published. */
final class ServerChecks {
  /** pgoutput sends logical messages, by which we see that the stream moves, since 14. */
  private static final int OLDEST = 14;

  private final ServerState server;
  private final Diagnosis.Collector found;

  ServerChecks(ServerState server, Diagnosis.Collector found) {
    this.server = server;
    this.found = found;
  }

  /**
   * @param slot whether our slot is there
   * @param held whether somebody streams from it
   */
  void check(boolean slot, boolean held) {
    kind();
    settings(slot, held);
    role();
  }

  /** Whether the server is too old to be asked anything else. */
  boolean tooOld() {
    if (!server.since(OLDEST)) {
      found.add(
          Problem.OLD_SERVER,
          "server",
          "the server is PostgreSQL " + server.versionText(),
          "PostgreSQL 14 or newer is needed: older ones do not send logical messages",
          List.of());
      return true;
    }
    return false;
  }

  private void kind() {
    if (server.standby()) {
      found.add(
          Problem.STANDBY,
          "server",
          "the server is a standby: nothing can be written to its log",
          "connect to the primary",
          List.of());
    }
    if (server.encoding().equals("SQL_ASCII")) {
      found.add(
          Problem.NO_ENCODING,
          "database " + server.database().database(),
          "the database has no encoding (SQL_ASCII): text in it may be no UTF-8",
          "bytes that are no UTF-8 cannot be read as text; make the database anew with ENCODING"
              + " 'UTF8' to be sure",
          List.of());
    }
  }

  private void settings(boolean slot, boolean held) {
    if (!server.walLevel().equals("logical")) {
      found.add(
          Problem.WAL_LEVEL,
          "wal_level",
          "wal_level is " + server.walLevel() + ": row changes cannot be read from the log",
          "a superuser sets it and then restarts the server; a managed server has a parameter for"
              + " it, often named logical_replication",
          List.of("ALTER SYSTEM SET wal_level = 'logical'"));
    }
    if (!slot && server.slots() >= server.maxSlots()) {
      found.add(
          Problem.NO_FREE_SLOT,
          "max_replication_slots",
          "all " + server.maxSlots() + " replication slots are taken",
          "drop a slot that nobody uses (SELECT * FROM pg_replication_slots), or raise the setting"
              + " and restart the server",
          List.of("ALTER SYSTEM SET max_replication_slots = " + (server.maxSlots() + 4)));
    }
    if (!held && server.senders() >= server.maxSenders()) {
      found.add(
          Problem.NO_FREE_SENDER,
          "max_wal_senders",
          "all " + server.maxSenders() + " connections for replication are taken",
          "end one that nobody needs (SELECT * FROM pg_stat_replication), or raise the setting and"
              + " restart the server",
          List.of("ALTER SYSTEM SET max_wal_senders = " + (server.maxSenders() + 4)));
    }
  }

  private void role() {
    String role = SqlConnections.quoted(server.role());
    if (!server.mayReplicate()) {
      found.add(
          Problem.NOT_REPLICATION,
          "role " + server.role(),
          "role '" + server.role() + "' may not replicate",
          "a superuser gives it the attribute; on Amazon RDS: GRANT rds_replication TO " + role,
          List.of("ALTER ROLE " + role + " REPLICATION"));
    }
    if (!server.mayWriteMarkers()) {
      found.add(
          Problem.NO_MARKERS,
          "role " + server.role(),
          "role '"
              + server.role()
              + "' may not call pg_logical_emit_message, which everybody may"
              + " by default",
          "without it the stream cannot be seen to move, and an idle slot keeps the log",
          List.of(
              "GRANT EXECUTE ON FUNCTION pg_catalog.pg_logical_emit_message(boolean, text, text"
                  + (server.since(17) ? ", boolean" : "")
                  + ") TO "
                  + role));
    }
  }
}
