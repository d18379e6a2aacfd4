package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.spi.SourceException;
import io.rowbell.testkit.PostgresServer;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The source's contract over a Unix-domain socket, and what is else there. */
class UnixSocketSourceIT extends PostgresSourceContract {
  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.embedded().start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Override
  PostgresServer server() {
    return server;
  }

  @Override
  PostgresSettings settings(String database) {
    return RunningSource.settings(
        server.socketDirectory().toString(),
        server.port(),
        database,
        server.user(),
        server.password());
  }

  @Test
  void noConnectionIsMadeOverTcp() throws Exception {
    try (RunningSource running = db.follow("public.t")) {
      commit(1);
      running.awaitChanges(1);

      assertThat(
              server.query(
                  "postgres",
                  """
                  SELECT DISTINCT backend_type, client_addr IS NULL
                  FROM pg_stat_activity WHERE application_name LIKE 'rowbell%' ORDER BY 1
                  """))
          .extracting(Object::toString)
          .containsExactly("[client backend, t]", "[walsender, t]");
    }
  }

  @Test
  void theServerIsWaitedForWhenItStartsAnew() throws Exception {
    try (RunningSource running = db.follow("public.t")) {
      commit(1);
      running.awaitChanges(1);

      server.restart();
      commit(2);

      assertThat(running.await(2))
          .containsExactly("INSERT public.t {id=1}", "INSERT public.t {id=2}");
    }
  }

  @Test
  void whereThereIsNoSocketItsNameIsTold() throws SQLException {
    PostgresSettings nowhere =
        RunningSource.settings("/nowhere", 5432, "shop", "bell", server.password());

    assertThatThrownBy(
            () -> new SqlConnections(nowhere, "p", server.socketDirectory()).open().close())
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("/nowhere/.s.PGSQL.5432")
        .hasMessageContaining("unix_socket_directories");
  }
}
