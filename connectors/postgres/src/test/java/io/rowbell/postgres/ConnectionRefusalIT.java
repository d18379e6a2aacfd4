package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rowbell.spi.ByteSize;
import io.rowbell.spi.Secret;
import io.rowbell.spi.SourceException;
import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server that does not let us in: what is said, and that it is one line without the secret. */
class ConnectionRefusalIT {
  private static PostgresServer server;

  @BeforeAll
  static void start() throws SQLException {
    server = PostgresServer.start();
    server.execute(
        "postgres",
        """
        CREATE ROLE bell LOGIN REPLICATION PASSWORD 'right';
        CREATE ROLE crowd LOGIN PASSWORD 'right' CONNECTION LIMIT 0;
        CREATE ROLE sleeper NOLOGIN PASSWORD 'right';
        """);
    server.execute("postgres", "CREATE DATABASE closed");
    server.execute("postgres", "REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aWrongPassword() {
    assertThat(refusal("postgres", "bell", "canary-secret", null))
        .contains("database 'postgres': it refused the password of role 'bell'")
        .contains("check source.postgres.user and source.postgres.password")
        .contains("If there is no such role")
        .contains("CREATE ROLE \"bell\" LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE");
  }

  @Test
  void aPasswordThatIsAnotherOneByNowIsReadAgainOnce() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    Secret password =
        new Secret(
            "wrong",
            () -> {
              reads.incrementAndGet();
              return Optional.of("right");
            });
    SqlConnections connections =
        new SqlConnections(
            settings(server.port(), "postgres", "bell", password, null), "p", Path.of(""));

    connections.open().close();
    connections.open().close();

    assertThat(reads).hasValue(1);
  }

  @Test
  void aRoleThatMayNotLogIn() {
    assertThat(refusal("postgres", "sleeper", "right", null))
        .contains("does not let role 'sleeper' in");
  }

  @Test
  void aDatabaseThatIsNotThere() {
    assertThat(refusal("nowhere", "bell", "right", null))
        .contains("there is no such database: check source.postgres.database");
  }

  @Test
  void aDatabaseThatMayNotBeEntered() {
    assertThat(refusal("closed", "bell", "right", null))
        .contains(
            "role 'bell' may not connect to it: GRANT CONNECT ON DATABASE \"closed\" TO \"bell\"");
  }

  @Test
  void tooManyConnections() {
    assertThat(refusal("postgres", "crowd", "right", null)).contains("it has no connection left");
  }

  @Test
  void aServerWithoutTls() {
    PostgresSettings.Tls tls =
        new PostgresSettings.Tls(PostgresSettings.Tls.Mode.REQUIRE, null, null, null, null);
    assertThat(refusal("postgres", "bell", "right", tls)).contains("source.postgres.tls");
  }

  @Test
  void nobodyThere() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    assertThat(refusal(port, "postgres", "bell", "right", null))
        .contains("PostgreSQL at 127.0.0.1:" + port)
        .contains("it cannot be reached");
  }

  private static String refusal(
      String database, String user, String password, PostgresSettings.@Nullable Tls tls) {
    return refusal(server.port(), database, user, password, tls);
  }

  private static String refusal(
      int port, String database, String user, String password, PostgresSettings.@Nullable Tls tls) {
    PostgresSettings settings = settings(port, database, user, new Secret(password), tls);
    SourceException refusal =
        assertThatExceptionOfType(SourceException.class)
            .isThrownBy(() -> new SqlConnections(settings, "p", Path.of("")).open())
            .actual();
    assertThat(refusal.kind()).isEqualTo(SourceException.Kind.UNREACHABLE);
    assertThat(refusal.getMessage()).doesNotContain("\n", "canary-secret");
    return String.valueOf(refusal.getMessage());
  }

  private static PostgresSettings settings(
      int port, String database, String user, Secret password, PostgresSettings.@Nullable Tls tls) {
    return new PostgresSettings(
        "127.0.0.1",
        port,
        database,
        user,
        password,
        tls,
        null,
        null,
        null,
        new ByteSize(4 << 20),
        8192,
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        Duration.ofMinutes(10),
        Duration.ofSeconds(2),
        2000);
  }
}
