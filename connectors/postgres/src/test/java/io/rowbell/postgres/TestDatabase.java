package io.rowbell.postgres;

import io.rowbell.spi.ByteSize;
import io.rowbell.spi.Secret;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A database of its own on a test's server, and the settings that lead to it. */
record TestDatabase(PostgresServer server, String name) {
  static TestDatabase create(PostgresServer server, String name) throws SQLException {
    return new TestDatabase(server, server.createDatabase(name));
  }

  /** Carries out statements as the superuser. */
  void execute(String sql) throws SQLException {
    server.execute(name, sql);
  }

  /** The one value of a query by the superuser. */
  @Nullable String queryOne(String sql) throws SQLException {
    return server.queryOne(name, sql);
  }

  /** Connections of the superuser, as the source would open them. */
  SqlConnections connections() {
    return connections(server.user(), server.password());
  }

  /** Connections of another role. */
  SqlConnections connections(String user, String password) {
    return new SqlConnections(settings(user, password), "golden", Path.of(""));
  }

  PostgresSettings settings(String user, String password) {
    return new PostgresSettings(
        server.host(),
        server.port(),
        name,
        user,
        new Secret(password),
        null,
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
