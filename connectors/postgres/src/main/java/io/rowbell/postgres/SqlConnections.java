package io.rowbell.postgres;

import io.rowbell.model.SqlIdentifier;
import io.rowbell.spi.Secret;
import io.rowbell.spi.SourceException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens plain SQL connections to the source's database, each with the session settings that values
 * are decoded by: what SQL prints on such a connection is what the replication stream carries.
 */
final class SqlConnections {
  private static final Logger LOG = LoggerFactory.getLogger(SqlConnections.class);

  /**
   * What a session must be set to for text to mean one thing, and for the server to notice within
   * half a minute that we are gone, so that slot and lock are free. Set after connecting: the
   * driver's own start-up settings would win over a connection's {@code options}. The walsender's
   * session has the same ones, so that both print a value alike.
   */
  private static final String SESSION =
      """
      SET DateStyle = 'ISO';
      SET IntervalStyle = 'postgres';
      SET TimeZone = 'UTC';
      SET extra_float_digits = 3;
      SET bytea_output = 'hex';
      SET xmloption = 'content';
      SET lc_monetary = 'C';
      SET statement_timeout = 0;
      SET lock_timeout = 0;
      SET idle_in_transaction_session_timeout = 0;
      SET tcp_keepalives_idle = 10;
      SET tcp_keepalives_interval = 5;
      SET tcp_keepalives_count = 3;
      """;

  private final PostgresSettings settings;
  private final PostgresSettings.@Nullable Tls tls;
  private final String pipeline;

  /**
   * @param pipeline the pipeline's name; with {@code rowbell} before it the connections' {@code
   *     application_name}
   * @param directory what the names of certificates' files are relative to
   */
  SqlConnections(PostgresSettings settings, String pipeline, Path directory) {
    this.settings = settings;
    this.tls = settings.tls() == null ? null : settings.tls().in(directory);
    this.pipeline = pipeline;
  }

  /**
   * Opens a connection in auto-commit mode.
   *
   * @throws SourceException UNREACHABLE if the server cannot be reached or does not let us in
   */
  Connection open() throws SourceException {
    try {
      return connect(properties());
    } catch (SQLException e) {
      throw SqlErrors.whileConnecting(settings, e);
    }
  }

  /** Opens a connection for Debezium, which words its own errors. */
  Connection connect() throws SQLException {
    return connect(properties());
  }

  /** Opens a connection to a walsender, on which replication commands and simple queries work. */
  Connection connectForReplication() throws SQLException {
    return connect(replicationProperties());
  }

  /** Opens one whose socket tells a run when something was heard. */
  Connection connectForReplication(String run) throws SQLException {
    Properties properties = replicationProperties();
    properties.setProperty("socketFactory", StreamSockets.class.getName());
    properties.setProperty("socketFactoryArg", run);
    return connect(properties);
  }

  private Properties replicationProperties() {
    Properties properties = properties();
    properties.setProperty("replication", "database");
    properties.setProperty("preferQueryMode", "simple");
    return properties;
  }

  /** A password that was rotated is read again, once. */
  private Connection connect(Properties properties) throws SQLException {
    try {
      return connectOnce(properties);
    } catch (SQLException e) {
      Secret password = settings.password();
      if (password == null || !SqlErrors.state(e).equals(SqlErrors.WRONG_PASSWORD)) {
        throw e;
      }
      String renewed = password.renew();
      if (renewed.equals(properties.getProperty("password"))) {
        throw e;
      }
      LOG.info(
          "PostgreSQL at {}:{} refused the password of role '{}': source.postgres.password gives"
              + " another one by now, which is tried",
          settings.host(),
          settings.port(),
          settings.user());
      properties.setProperty("password", renewed);
      return connectOnce(properties);
    }
  }

  private Connection connectOnce(Properties properties) throws SQLException {
    Connection connection = new Driver().connect(url(), properties);
    if (connection == null) {
      throw new IllegalStateException("the driver does not know its own URL " + url());
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute(SESSION);
      return connection;
    } catch (SQLException | RuntimeException | Error e) {
      connection.close();
      throw e;
    }
  }

  /** The server's Unix-domain socket; null if it is reached over TCP. */
  @Nullable Path socket() {
    return settings.socket();
  }

  /** {@code jdbc:postgresql://host:port/database}, safe to print. */
  String url() {
    String name = settings.hostName();
    String host = name.contains(":") ? "[" + name + "]" : name;
    return "jdbc:postgresql://"
        + host
        + ":"
        + settings.port()
        + "/"
        + java.net.URLEncoder.encode(settings.database(), java.nio.charset.StandardCharsets.UTF_8);
  }

  /** The driver's properties: who we are, encryption, time-outs, session settings. */
  Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("user", settings.user());
    put(properties, "password", settings.password());
    properties.setProperty("ApplicationName", "rowbell " + pipeline);
    properties.setProperty("connectTimeout", seconds(settings.connectTimeout()));
    properties.setProperty("loginTimeout", seconds(settings.connectTimeout()));
    properties.setProperty("socketTimeout", seconds(settings.stallTimeout()));
    properties.setProperty("tcpKeepAlive", "true");
    // One server is meant, not whichever answers: never another host than the one named.
    properties.setProperty("targetServerType", "any");
    properties.setProperty("assumeMinServerVersion", "14");
    // Text is what values are decoded from, here as in the log.
    properties.setProperty("binaryTransfer", "false");
    Path socket = settings.socket();
    if (socket != null) {
      properties.setProperty("socketFactory", UnixSockets.class.getName());
      properties.setProperty("socketFactoryArg", socket.toString());
    }
    tls(properties);
    return properties;
  }

  /** The driver's encryption properties, by the names they have there. */
  void tls(Properties properties) {
    if (tls == null) {
      properties.setProperty("sslmode", "disable");
      return;
    }
    properties.setProperty(
        "sslmode",
        switch (tls.mode()) {
          case REQUIRE -> "require";
          case VERIFY_CA -> "verify-ca";
          case VERIFY_FULL -> "verify-full";
        });
    Path root = tls.rootCertificate();
    if (root != null) {
      properties.setProperty("sslrootcert", root.toString());
    } else if (tls.mode() != PostgresSettings.Tls.Mode.REQUIRE) {
      properties.setProperty("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
    }
    put(properties, "sslcert", tls.certificate());
    put(properties, "sslkey", tls.key());
    put(properties, "sslpassword", tls.keyPassword());
  }

  /** A name between double quotes, for statements that take no parameters. */
  static String quoted(String identifier) {
    return SqlIdentifier.quoteAlways(identifier);
  }

  private static void put(Properties properties, String key, @Nullable Object value) {
    if (value != null) {
      properties.setProperty(key, value instanceof Secret s ? s.reveal() : value.toString());
    }
  }

  private static String seconds(java.time.Duration duration) {
    return Long.toString(Math.max(1, (duration.toMillis() + 999) / 1000));
  }
}
