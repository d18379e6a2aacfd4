package io.rowbell.engine.faults;

import io.rowbell.testkit.Ledger;
import io.rowbell.testkit.PostgresServer;
import io.rowbell.testkit.TcpProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the engines of a case read: its configuration and its rules.
 *
 * @param database also the name of the pipeline
 * @param proxy what the engine reaches PostgreSQL through
 */
record CaseFiles(
    Path directory,
    String database,
    JournalKind journal,
    PostgresServer postgres,
    TcpProxy proxy,
    int httpPort) {
  /** Writes the rules: the ledger's, and these. For the next start. */
  void rules(String triggers) throws IOException {
    Files.writeString(
        directory.resolve("rules.yaml"), Ledger.rules(CaseJournal.topic(database)) + triggers);
  }

  /**
   * Writes the configuration. For the next start.
   *
   * @return its file
   */
  Path settings(CaseSettings settings) throws IOException {
    return Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        name: %1$s
        source:
          postgres: {host: %2$s, port: %3$d, database: %1$s, %4$s, marker-interval: 500ms, %5$s}
        rules: [rules.yaml]
        journal: {%6$s}
        http: {listen: "127.0.0.1:%7$d"}
        %8$s
        """
            .formatted(
                database,
                proxy.host(),
                proxy.port(),
                settings.login().isEmpty()
                    ? "user: %s, password: \"%s\"".formatted(postgres.user(), postgres.password())
                    : settings.login(),
                settings.source(),
                journal == JournalKind.SQLITE
                    ? "sqlite: {file: journal.db%s}".formatted(settings.sqlite())
                    : "kafka: {bootstrap: \"%s\"%s}"
                        .formatted(FaultServers.broker().bootstrapServers(), settings.kafka()),
                httpPort,
                settings.sections()));
  }

  /** The file of a journal that is one. */
  Path journalFile() {
    return directory.resolve("journal.db");
  }
}
