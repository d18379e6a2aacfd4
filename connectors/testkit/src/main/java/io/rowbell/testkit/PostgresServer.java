package io.rowbell.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL 18 of its own, with {@code wal_level=logical}, that can be killed and started again
 * on the same port with the same data.
 *
 * <p>It runs in a container if Docker is there and has or gets the image {@code postgres:18}, else
 * as a child process from binaries on the class path (as root, too). {@value #WHERE}, a system
 * property, forces {@code embedded} or {@code container}. Passwords are checked in both.
 *
 * <pre>{@code
 * try (PostgresServer server = PostgresServer.start()) {
 *   server.createDatabase("shop");
 *   server.execute("shop", "create table orders (id bigint primary key)");
 * }
 * }</pre>
 *
 * <p>Not for data of value: {@code fsync} is off, which survives the death of PostgreSQL but not
 * that of the machine. Used from one thread at a time; {@link #connect} and the SQL methods from
 * any.
 */
public final class PostgresServer implements AutoCloseable {
  /** The system property that says where it runs. */
  public static final String WHERE = "rowbell.testkit.postgres";

  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  private final PostgresHost host;
  private final String password;

  private PostgresServer(PostgresHost host, String password) {
    this.host = host;
    this.password = password;
  }

  /** Starts one with the usual settings. */
  public static PostgresServer start() {
    return new Builder().start();
  }

  /** Starts with one more setting, for example {@code max_slot_wal_keep_size}. */
  public static Builder with(String setting, String value) {
    return new Builder().with(setting, value);
  }

  /** Starts as a child process whatever is said elsewhere. */
  public static Builder embedded() {
    return new Builder().where("embedded");
  }

  /** A server that is about to start. */
  public static final class Builder {
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<String, String> files = new LinkedHashMap<>();
    private @Nullable String where = System.getProperty(WHERE);

    private Builder() {
      settings.put("wal_level", "logical");
      settings.put("max_wal_senders", "20");
      settings.put("max_replication_slots", "20");
      settings.put("max_prepared_transactions", "20");
      settings.put("fsync", "off");
      settings.put("timezone", "UTC");
      settings.put("log_timezone", "UTC");
    }

    private Builder where(String place) {
      where = place;
      return this;
    }

    /** Adds or replaces a setting of {@code postgresql.conf}. */
    public Builder with(String setting, String value) {
      settings.put(setting, value);
      return this;
    }

    /**
     * Lets it encrypt, and ask clients for a certificate. Embedded only.
     *
     * @param server what it shows
     * @param client whose certificate it takes, if a client shows one
     */
    public Builder encrypted(TestCertificate server, TestCertificate client) throws IOException {
      settings.put("ssl", "on");
      settings.put("ssl_ca_file", "client.crt");
      files.put("server.crt", Files.readString(server.certificate()));
      files.put("server.key", Files.readString(server.key()));
      files.put("client.crt", Files.readString(client.certificate()));
      return where("embedded");
    }

    /**
     * Starts the server and waits until it answers.
     *
     * @throws IllegalStateException if it does not start; the message holds the end of its log
     */
    public PostgresServer start() {
      String password = UUID.randomUUID().toString();
      PostgresServer server =
          new PostgresServer(PostgresHost.choose(where, settings, password), password);
      try {
        files.forEach(server.host::write);
        server.restart();
        return server;
      } catch (RuntimeException e) {
        server.close();
        throw e;
      }
    }
  }

  /** Where it listens: the loopback address, unless the tests themselves run in a container. */
  public String host() {
    return host.address();
  }

  /** The port; the same for as long as the object lives. */
  public int port() {
    return host.port();
  }

  /**
   * The directory of its Unix-domain socket, which is named after the port.
   *
   * @throws UnsupportedOperationException if it runs in a container
   */
  public Path socketDirectory() {
    return host.socketDirectory();
  }

  /** The superuser's name. */
  public String user() {
    return "postgres";
  }

  /** The superuser's password, another one for each server. */
  public String password() {
    return password;
  }

  /** The URL of a database, without user and password. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://" + host() + ":" + port() + "/" + database;
  }

  /**
   * Where it is and who may enter, as libpq's variables: {@code PGHOST}, {@code PGPORT}, {@code
   * PGUSER}, {@code PGPASSWORD}.
   *
   * @return a map of the caller's own
   */
  public Map<String, String> environment() {
    return new HashMap<>(
        Map.of(
            "PGHOST", host(),
            "PGPORT", Integer.toString(port()),
            "PGUSER", user(),
            "PGPASSWORD", password()));
  }

  /** Opens a connection as the superuser; the caller closes it. */
  public Connection connect(String database) throws SQLException {
    Properties properties = new Properties();
    properties.put("user", user());
    properties.put("password", password);
    return DriverManager.getConnection(jdbcUrl(database), properties);
  }

  /**
   * Makes a database.
   *
   * @return its name
   */
  public String createDatabase(String name) throws SQLException {
    execute("postgres", "create database \"" + name.replace("\"", "\"\"") + '"');
    return name;
  }

  /** Carries out statements, separated by semicolons, as the superuser; each commits by itself. */
  public void execute(String database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The rows of a query, each value as PostgreSQL prints it. */
  public List<List<@Nullable String>> query(String database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      int columns = rows.getMetaData().getColumnCount();
      List<List<@Nullable String>> all = new ArrayList<>();
      while (rows.next()) {
        List<@Nullable String> row = new ArrayList<>(columns);
        for (int i = 1; i <= columns; i++) {
          row.add(rows.getString(i));
        }
        all.add(row);
      }
      return all;
    }
  }

  /** The one value of a query. */
  public @Nullable String queryOne(String database, String sql) throws SQLException {
    List<List<@Nullable String>> rows = query(database, sql);
    if (rows.size() != 1 || rows.get(0).size() != 1) {
      throw new IllegalArgumentException("not one value but " + rows.size() + " rows: " + sql);
    }
    return rows.get(0).get(0);
  }

  /** Kills it with SIGKILL and waits until it is gone. */
  public void kill() {
    host.kill();
  }

  /** Stops it as {@code pg_ctl -m immediate} does: without a checkpoint, recovers on restart. */
  public void stopImmediately() {
    host.stop(PostgresHost.Stop.IMMEDIATE);
  }

  /** Stops it in good order: sessions are ended, the log is written out. */
  public void stop() {
    host.stop(PostgresHost.Stop.FAST);
  }

  /**
   * Starts it again on the same port with the same data, and waits until it answers; stops it in
   * good order first if it runs.
   *
   * @throws IllegalStateException if it does not start; the message holds the end of its log
   */
  public void restart() {
    host.stop(PostgresHost.Stop.FAST);
    Deadline deadline = Deadline.in(START_TIMEOUT);
    host.start();
    while (true) {
      try {
        connect("postgres").close();
        return;
      } catch (SQLException e) {
        if (!host.running()) {
          // A killed predecessor's processes may still hold its shared memory for a moment.
          host.start();
        }
        if (deadline.passed()) {
          throw new IllegalStateException("PostgreSQL did not start:\n" + host.log(), e);
        }
        deadline.pause();
      }
    }
  }

  /**
   * Makes a standby and starts it. It receives the log through the physical slot {@code standby},
   * keeps logical slots after {@code pg_sync_replication_slots()}, and is promoted by {@code
   * pg_promote()}. Embedded only.
   */
  public PostgresServer standby() throws SQLException {
    PostgresHost copy;
    try (Connection session = connect("postgres");
        Statement statement = session.createStatement()) {
      statement.execute("SELECT pg_create_physical_replication_slot('standby', true)");
      statement.execute("SELECT pg_backup_start('standby', true)");
      copy =
          host.copy(
              Map.of(
                  "primary_conninfo",
                  "host=%s port=%d user=%s password=%s dbname=postgres"
                      .formatted(host(), port(), user(), password),
                  "primary_slot_name",
                  "standby",
                  "hot_standby_feedback",
                  "on"));
      try (ResultSet row = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
        row.next();
        copy.write("backup_label", row.getString(1));
        copy.write("standby.signal", "");
      }
    }
    PostgresServer standby = new PostgresServer(copy, password);
    try {
      standby.restart();
      return standby;
    } catch (RuntimeException e) {
      standby.close();
      throw e;
    }
  }

  /** The end of the server's log. */
  public String log() {
    return host.log();
  }

  /** Kills it and removes its data. Idempotent. */
  @Override
  public void close() {
    host.close();
  }
}
