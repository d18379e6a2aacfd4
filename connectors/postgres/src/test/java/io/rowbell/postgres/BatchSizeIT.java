package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.spi.ChangeBatch;
import io.rowbell.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Changes keep the raw blocks in memory from which they are read; batches are bounded by that. */
class BatchSizeIT {
  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aSmallRowAmongLargeOnesCountsWithItsBlock() throws Exception {
    Followed db = new Followed(server, "sparse");
    db.settings = RunningSource.withBatch(db.settings, "256KiB", 8192);
    db.sql("create table t (id int primary key)");
    db.sql(
        """
        do $$ begin for i in 1..200 loop
          insert into t values (i);
          perform pg_logical_emit_message(true, 'other', repeat('x', 20000));
        end loop; end $$
        """);
    assertThat(db.changes(200, "public.t")).hasSize(200);
    assertThat(db.journal.batches().stream().filter(ChangeBatch::openTransaction).count())
        .as("4 MB of log that would all be kept with 200 small changes")
        .isGreaterThan(8);
  }

  @Test
  void aSmallBatchHoldsMoreThanOneChangeOfABlock() throws Exception {
    Followed db = new Followed(server, "dense");
    db.settings = RunningSource.withBatch(db.settings, "32KiB", 8192);
    db.sql("create table t (id int primary key)");
    db.sql("insert into t select g from generate_series(1, 20000) g");
    assertThat(db.changes(20_000, "public.t")).hasSize(20_000);
    List<Integer> sizes = db.journal.batches().stream().map(b -> b.changes().size()).toList();
    assertThat(sizes.stream().filter(size -> size == 1)).as("%s", sizes).hasSizeLessThan(20);
  }

  /** What {@link WideValues} rests on: a row's key is never left out. */
  @Test
  void aKeyIsNeverWide() throws Exception {
    TestDatabase db = TestDatabase.create(server, "wide_keys");
    db.execute("create table t (k text primary key)");
    for (String compression : List.of("pglz", "lz4")) {
      String insert =
          "set default_toast_compression = %s; insert into t values (repeat('x', %d))"
              .formatted(compression, WideValues.WIDE_BYTES);
      assertThatThrownBy(() -> db.execute(insert))
          .isInstanceOfSatisfying(
              SQLException.class,
              // too large for an index, or a server that cannot compress so
              e -> assertThat(e.getSQLState()).isIn("54000", "22023"));
    }
  }
}
