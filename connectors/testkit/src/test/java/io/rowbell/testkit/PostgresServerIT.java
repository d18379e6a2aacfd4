package io.rowbell.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresServerIT {
  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.with("max_slot_wal_keep_size", "64MB").start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void isPostgres18WithALogicalLogAndTheSettingsAskedFor() throws SQLException {
    assertThat(server.queryOne("postgres", "show server_version")).startsWith("18");
    assertThat(server.queryOne("postgres", "show wal_level")).isEqualTo("logical");
    assertThat(server.queryOne("postgres", "show max_slot_wal_keep_size")).isEqualTo("64MB");
    assertThat(server.queryOne("postgres", "show server_encoding")).isEqualTo("UTF8");
    assertThat(server.queryOne("postgres", "select lower('ÄÖÜ')")).isEqualTo("äöü");
  }

  @Test
  void refusesAWrongPassword() {
    assertThatThrownBy(
            () -> DriverManager.getConnection(server.jdbcUrl("postgres"), "postgres", "wrong"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
  }

  @Test
  void aKillKeepsWhatWasCommittedAndNothingElse() throws SQLException {
    server.createDatabase("killed");
    server.execute("killed", "create table t (id int); insert into t values (1)");
    int port = server.port();
    try (Connection open = server.connect("killed");
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute("insert into t values (2)");
      server.kill();
      assertThatThrownBy(open::commit).isInstanceOf(SQLException.class);
    }
    assertThatThrownBy(() -> server.connect("killed")).isInstanceOf(SQLException.class);
    server.restart();
    assertThat(server.port()).isEqualTo(port);
    assertThat(server.queryOne("killed", "select string_agg(id::text, ',') from t")).isEqualTo("1");
  }

  @Test
  void anImmediateStopAndARestartKeepSlots() throws SQLException {
    server.createDatabase("slots");
    server.execute("slots", "select pg_create_logical_replication_slot('kept', 'pgoutput')");
    server.stopImmediately();
    server.restart();
    server.restart();
    assertThat(server.queryOne("slots", "select count(*) from pg_replication_slots"))
        .isEqualTo("1");
    server.execute("slots", "select pg_drop_replication_slot('kept')");
  }

  @Test
  void severalRunBesideEachOtherAndLeaveNothing() throws SQLException {
    PostgresServer other = PostgresServer.start();
    try (other) {
      assertThat(other.port()).isNotEqualTo(server.port());
      assertThat(other.password()).isNotEqualTo(server.password());
      assertThat(other.query("postgres", "values (1, null), (2, 'x')").get(0))
          .containsExactly("1", null);
    }
    assertThatThrownBy(() -> other.connect("postgres")).isInstanceOf(SQLException.class);
    other.close();
  }
}
