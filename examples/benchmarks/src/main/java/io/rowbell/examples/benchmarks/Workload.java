package io.rowbell.examples.benchmarks;

import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Objects;

/**
 * Committed changes of three kinds, on a table with REPLICA IDENTITY FULL: a fifth are inserts of
 * 1,000 rows a transaction, three tenths are updates of one row a transaction, half are updates of
 * 50,000 rows a transaction. Every hundredth update sets {@code level} to 0. Written twice over,
 * each time half of them: in the first half readers warm up. No chance is in it, so that each run
 * of a benchmark has the same.
 */
final class Workload {
  static final String DATABASE = "bench";
  static final String MASTER_SLOT = "bench_master";
  static final String PUBLICATION = "bench";

  /**
   * One of which {@code rowbell publication apply} lets it send {@link #onePercentOfKeys} alone.
   */
  static final String FILTERED_PUBLICATION = "bench_filtered";

  private static final int ROWS_PER_INSERT = 1_000;
  private static final int ROWS_PER_UPDATE = 50_000;

  private final PostgresServer server;
  private final int changes;

  Workload(PostgresServer server, int changes) {
    this.server = server;
    this.changes = changes;
  }

  /**
   * Makes the table, the publication and the slot, then writes all changes.
   *
   * @return the LSN between the two halves
   */
  String write() throws SQLException, IOException, InterruptedException {
    server.createDatabase(DATABASE);
    server.execute(
        DATABASE,
        """
        CREATE TABLE accounts (
          id bigint PRIMARY KEY, owner text NOT NULL, balance numeric(12,2) NOT NULL, level int NOT NULL,
          updated timestamptz NOT NULL, note text);
        ALTER TABLE accounts REPLICA IDENTITY FULL;
        CREATE PUBLICATION bench FOR TABLE accounts;
        CREATE PUBLICATION bench_filtered FOR TABLE accounts;
        """);
    Path directory = Files.createTempDirectory("rowbell-bench");
    RowbellReader.filtered(onePercentOfKeys(changes)).applyPublication(server, directory);
    DrainRun.remove(directory);
    server.query(
        DATABASE,
        "SELECT pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(MASTER_SLOT));
    int half = changes / 2;
    writeHalf(half, 0);
    String middle = mark(server);
    writeHalf(half, half / 5);
    return middle;
  }

  /** A condition on the primary key, as a rule has it: half of its rows are of each half. */
  static String onePercentOfKeys(int changes) {
    int rows = changes / 10;
    return "id > %d && id <= %d".formatted(rows - rows / 100, rows + rows / 100);
  }

  /** Writes a place into the log that every reader passes; where it is. */
  static String mark(PostgresServer server) throws SQLException {
    return Objects.requireNonNull(
        server.queryOne(DATABASE, "SELECT pg_logical_emit_message(false, 'bench', 'x')::text"));
  }

  private void writeHalf(int count, int rowsBefore) throws SQLException {
    int inserts = count / 5;
    int single = count * 3 / 10;
    int bulk = count - inserts - single;
    server.execute(DATABASE, insert(inserts, rowsBefore));
    server.execute(DATABASE, updateOneByOne(single, inserts, rowsBefore));
    for (int from = 0; from < bulk; from += ROWS_PER_UPDATE) {
      server.execute(
          DATABASE, updateMany(from, Math.min(ROWS_PER_UPDATE, bulk - from), inserts, rowsBefore));
    }
  }

  private static String insert(int rows, int rowsBefore) {
    return """
        DO $$ BEGIN
          FOR b IN 0 .. %1$d / %2$d - 1 LOOP
            INSERT INTO accounts
              SELECT %3$d + n, 'owner ' || n, n %% 10000 + 0.25, 1 + n %% 99, now(), repeat('x', 40)
              FROM generate_series(b * %2$d + 1, (b + 1) * %2$d) n;
            COMMIT;
          END LOOP;
        END $$"""
        .formatted(rows, ROWS_PER_INSERT, rowsBefore);
  }

  private static String updateOneByOne(int updates, int rows, int rowsBefore) {
    return """
        DO $$ BEGIN
          FOR n IN 1 .. %d LOOP
            UPDATE accounts SET balance = balance + 1.5, level = n %% 100, updated = clock_timestamp()
              WHERE id = %d + 1 + (n * 7919::bigint) %% %d;
            COMMIT;
          END LOOP;
        END $$"""
        .formatted(updates, rowsBefore, rows);
  }

  private static String updateMany(int from, int count, int rows, int rowsBefore) {
    return """
        UPDATE accounts SET balance = balance + 0.5, level = id %% 100, updated = clock_timestamp()
          WHERE id > %1$d AND id <= %1$d + %2$d"""
        .formatted(rowsBefore + from % Math.max(1, rows - count + 1), count);
  }
}
