package io.rowbell.examples.benchmarks;

import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code rowbell run}.
 *
 * @param triggers the items of {@code triggers}
 * @param publication what it follows
 * @param bootstrapServers a broker's, for the Kafka journal; null for the SQLite journal
 * @param unixSocket whether it connects over the server's Unix-domain socket
 */
record RowbellReader(
    String name,
    String triggers,
    String publication,
    @Nullable String bootstrapServers,
    boolean unixSocket)
    implements Reader {
  private static final String MAIN = "io.rowbell.engine.cli.Main";

  /** One rule, which fires for so many of a hundred updates. */
  static RowbellReader firing(int percent) {
    return with(
        "%d %%".formatted(percent),
        rule(percent == 100 ? "" : "    when: level < %d\n".formatted(percent)));
  }

  /** The given rules. */
  static RowbellReader with(String name, String triggers) {
    return new RowbellReader(name, triggers, Workload.PUBLICATION, null, false);
  }

  /** A rule for one key of a hundred, and a publication that sends those alone. */
  static RowbellReader filtered(String keys) {
    return new RowbellReader(
        "1 %, row filter",
        rule("    when: " + keys + "\n"), Workload.FILTERED_PUBLICATION, null, false);
  }

  RowbellReader intoKafka(String servers) {
    return new RowbellReader(name, triggers, publication, servers, unixSocket);
  }

  RowbellReader overUnixSocket() {
    return new RowbellReader(name, triggers, publication, bootstrapServers, true);
  }

  private static String rule(String when) {
    return """
          - event: LevelReached
            on: update accounts
        %s    data: {id, owner, balance, level, previous: before.level}
            to: "bench.accounts"
        """
        .formatted(when);
  }

  @Override
  public String name() {
    return "rowbell, %s, %s%s"
        .formatted(
            bootstrapServers == null ? "sqlite" : "kafka", name, unixSocket ? ", Unix socket" : "");
  }

  @Override
  public List<String> command(PostgresServer server, String slot, Path directory)
      throws IOException {
    return Reader.java("-Xmx1g", MAIN, "run", "--config", configured(server, slot, directory));
  }

  /** Lets its publication send no more than its rules need. */
  void applyPublication(PostgresServer server, Path directory)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Reader.java(
                    MAIN,
                    "publication",
                    "apply",
                    "--config",
                    configured(server, Workload.MASTER_SLOT, directory)))
            .inheritIO()
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException("the publication could not be altered");
    }
  }

  /** Writes rules and configuration; the name of the latter. */
  private String configured(PostgresServer server, String slot, Path directory) throws IOException {
    Files.writeString(directory.resolve("rules.yaml"), "rules: v1\ntriggers:\n" + triggers);
    Path file = directory.resolve("rowbell.yaml");
    Files.writeString(
        file,
        """
        name: %1$s
        source:
          postgres:
            {host: "%2$s", port: %3$d, database: %4$s, user: %5$s, password: "%6$s", slot: %1$s, publication: %7$s}
        rules: [rules.yaml]
        journal: {%8$s}
        """
            .formatted(
                slot,
                unixSocket ? server.socketDirectory() : server.host(),
                server.port(),
                Workload.DATABASE,
                server.user(),
                server.password(),
                publication,
                bootstrapServers == null
                    ? "sqlite: {file: journal.db}"
                    : "kafka: {bootstrap: \"" + bootstrapServers + "\"}"));
    return file.toString();
  }
}
