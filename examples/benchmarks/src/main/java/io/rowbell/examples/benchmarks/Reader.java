package io.rowbell.examples.benchmarks;

import io.rowbell.testkit.PostgresServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Something that drains a replication slot: a command. */
interface Reader {
  /** The name of the one that others are compared with. */
  String NO_OP_DEBEZIUM = "Debezium engine, no-op handler";

  /** Its name in the report. */
  String name();

  /**
   * The command that follows a slot until it is killed.
   *
   * @param directory an empty one of its own, which it is run in
   */
  List<String> command(PostgresServer server, String slot, Path directory) throws IOException;

  /**
   * {@code pg_recvlogical}, if it is on the PATH or where Debian keeps it: the log itself, decoded
   * by the server.
   */
  static Optional<Reader> pgRecvlogical() throws IOException {
    List<Path> candidates = new ArrayList<>();
    for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
      candidates.add(Path.of(folder, "pg_recvlogical"));
    }
    Path debian = Path.of("/usr/lib/postgresql");
    if (Files.isDirectory(debian)) {
      try (var versions = Files.list(debian)) {
        versions.map(version -> version.resolve("bin/pg_recvlogical")).forEach(candidates::add);
      }
    }
    return candidates.stream()
        .filter(Files::isExecutable)
        .findFirst()
        .map(
            program ->
                of(
                    "pg_recvlogical (TCP)",
                    (server, slot, directory) ->
                        List.of(
                            program.toString(),
                            "--dbname",
                            "host=%s port=%d dbname=%s user=%s password=%s"
                                .formatted(
                                    server.host(),
                                    server.port(),
                                    Workload.DATABASE,
                                    server.user(),
                                    server.password()),
                            "--slot=" + slot,
                            "--start",
                            "--file=/dev/null",
                            "--status-interval=1",
                            "--fsync-interval=0",
                            "--option=proto_version=1",
                            "--option=publication_names=" + Workload.PUBLICATION)));
  }

  /** A Debezium engine whose handler does nothing. */
  static Reader noOpDebezium() {
    return of(
        NO_OP_DEBEZIUM,
        (server, slot, directory) ->
            java(
                "-Xmx1g",
                // By itself logback writes every step of Debezium's: that would be no fair
                // comparison.
                "-Dlogback.configurationFile=io/rowbell/testkit/tests-logback.xml",
                NoOpDebezium.class.getName(),
                server.host(),
                Integer.toString(server.port()),
                Workload.DATABASE,
                server.user(),
                server.password(),
                slot,
                Workload.PUBLICATION));
  }

  /** A Java process with the class path of this one. */
  static List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    command.add("-cp");
    command.add(
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator)));
    command.addAll(List.of(arguments));
    return command;
  }

  /** A reader of this name. */
  static Reader of(String name, Commands commands) {
    return new Reader() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public List<String> command(PostgresServer server, String slot, Path directory)
          throws IOException {
        return commands.command(server, slot, directory);
      }
    };
  }

  /** Makes a reader's command. */
  @FunctionalInterface
  interface Commands {
    List<String> command(PostgresServer server, String slot, Path directory) throws IOException;
  }
}
