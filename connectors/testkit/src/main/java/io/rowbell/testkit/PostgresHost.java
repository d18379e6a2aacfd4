package io.rowbell.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a PostgreSQL server runs. Data and port stay the same from start to start. */
interface PostgresHost extends AutoCloseable {
  String LOOPBACK = "127.0.0.1";

  /** Where it listens. */
  default String address() {
    return LOOPBACK;
  }

  int port();

  /** The directory of its Unix-domain socket. */
  default Path socketDirectory() {
    throw new UnsupportedOperationException("only an embedded server's socket can be reached");
  }

  /** Starts the server; need not wait until it answers. */
  void start();

  boolean running();

  /** Stops it and waits until it has stopped; does nothing if it does not run. */
  void stop(Stop mode);

  /** Kills it and waits until it is gone; does nothing if it does not run. */
  void kill();

  /** The end of its log. */
  String log();

  /**
   * Copies its data to another one, which is not started; between {@code pg_backup_start} and
   * {@code pg_backup_stop}.
   *
   * @param more settings of the other one
   */
  default PostgresHost copy(Map<String, String> more) {
    throw new UnsupportedOperationException("only an embedded server has standbys");
  }

  /** Writes a file into its data, which only the server can read. */
  default void write(String name, String content) {
    throw new UnsupportedOperationException("only an embedded server has files of its own");
  }

  @Override
  void close();

  /** How {@code pg_ctl} stops. */
  enum Stop {
    FAST,
    IMMEDIATE
  }

  /**
   * @param where {@code embedded}, {@code container}, or null to find out
   */
  static PostgresHost choose(
      @Nullable String where, Map<String, String> settings, String password) {
    if (where == null) {
      return dockerMayBeThere()
          ? containerOrEmbedded(settings, password)
          : embedded(settings, password);
    }
    return switch (where) {
      case "embedded" -> embedded(settings, password);
      case "container" -> new ContainerPostgres(settings, password);
      default ->
          throw new IllegalArgumentException(
              PostgresServer.WHERE + " is 'embedded' or 'container', not '" + where + "'");
    };
  }

  private static PostgresHost embedded(Map<String, String> settings, String password) {
    return new EmbeddedPostgres(settings, password);
  }

  private static PostgresHost containerOrEmbedded(Map<String, String> settings, String password) {
    if (!ContainerPostgres.dockerAnswers()) {
      return embedded(settings, password);
    }
    try {
      return new ContainerPostgres(settings, password);
    } catch (RuntimeException e) {
      System.getLogger(PostgresServer.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "Docker is there but {0} is not to be had ({1}): PostgreSQL runs embedded",
              ContainerPostgres.IMAGE,
              e.getMessage());
      return embedded(settings, password);
    }
  }

  /** Without a socket nobody answers: saves the second that asking takes. */
  private static boolean dockerMayBeThere() {
    return System.getenv("DOCKER_HOST") != null
        || Files.exists(Path.of("/var/run/docker.sock"))
        || Files.exists(Path.of(System.getProperty("user.home"), ".docker", "run", "docker.sock"))
        || Files.exists(Path.of(System.getProperty("user.home"), ".testcontainers.properties"));
  }
}
