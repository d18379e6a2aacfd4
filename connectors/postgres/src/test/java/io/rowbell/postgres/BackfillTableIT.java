package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.TableId;
import io.rowbell.postgres.WalMessages.ColumnMessage;
import io.rowbell.spi.SourceException;
import io.rowbell.testkit.PostgresServer;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackfillTableIT {
  private static PostgresServer server;
  private static String database;

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start();
    database = server.createDatabase("columns");
    server.execute(
        database,
        """
        create schema s;
        create table s.t (id int primary key, gone int, v text,
          stored int generated always as (id * 2) stored, virtual int generated always as (id * 3));
        alter table s.t drop gone;
        create table s.m (id int primary key, v text) partition by range (id);
        create table s.m1 partition of s.m for values from (0) to (9);
        create publication everything for all tables;
        create publication stored for all tables with (publish_generated_columns = stored);
        create publication listed for table s.t (id, stored), s.m1 (id);
        create publication of_schema for tables in schema s;
        create publication by_root for table s.m (id) with (publish_via_partition_root);
        create publication filtered for table s.t where (v <> '');
        """);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"everything", "stored", "listed", "of_schema", "by_root"})
  void hasTheColumnsThatThePublicationSends(String publication) throws Exception {
    List<List<String>> sent =
        server
            .query(
                database,
                "select tablename, array_to_string(attnames, ',') from pg_publication_tables"
                    + " where pubname = '"
                    + publication
                    + "'")
            .stream()
            .map(row -> List.of(String.valueOf(row.get(0)), String.valueOf(row.get(1))))
            .toList();
    assertThat(sent).isNotEmpty();
    try (Connection connection = server.connect(database)) {
      for (List<String> table : sent) {
        BackfillTable read =
            BackfillTable.lockAndRead(connection, new TableId("s", table.get(0)), publication);
        assertThat(read.message().columns().stream().map(ColumnMessage::name))
            .as("%s", table)
            .containsExactly(table.get(1).split(",", -1));
      }
    }
  }

  @Test
  void aTableOfWhichOnlySomeRowsAreSentIsRefused() throws Exception {
    try (Connection connection = server.connect(database)) {
      assertThatThrownBy(
              () -> BackfillTable.lockAndRead(connection, new TableId("s", "t"), "filtered"))
          .isInstanceOf(SourceException.class)
          .hasMessageContaining("only some of its rows");
    }
  }
}
