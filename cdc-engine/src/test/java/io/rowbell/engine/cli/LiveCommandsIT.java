package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a user gives them, each a process, on a real database and a real journal. */
class LiveCommandsIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final Path directory;
  private final PostgresServer server = PostgresServer.start();

  LiveCommandsIT(@TempDir Path directory) throws Exception {
    this.directory = directory;
    server.createDatabase("shop");
    server.execute("shop", "CREATE TABLE stocks (id bigint PRIMARY KEY, symbol text NOT NULL)");
    Files.writeString(
        directory.resolve("rules.yaml"),
        """
        rules: v1
        triggers:
          - event: StockListed
            on: insert stocks
            data: {id, symbol}
        """);
    Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        source:
          postgres:
            host: %s
            port: %d
            database: shop
            user: %s
            password: "${env:PG_PASSWORD}"
        rules: [rules.yaml]
        journal: {sqlite: {file: journal.db}}
        """
            .formatted(server.host(), server.port(), server.user()));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private JavaProcess rowbell(String... args) {
    return JavaProcess.of(Main.class)
        .directory(directory)
        .environment("PG_PASSWORD", server.password())
        .args(args)
        .start();
  }

  private String ended(int code, String... args) throws InterruptedException {
    try (JavaProcess process = rowbell(args)) {
      int ended = process.awaitExit(SOON);
      String output = String.join("\n", process.output());
      assertThat(ended).as(output).isEqualTo(code);
      assertThat(output).doesNotContain(server.password());
      return output;
    }
  }

  @Test
  void fromAFreshDatabaseToAnEvent() throws Exception {
    assertThat(ended(1, "check"))
        .contains(
            "error E208: publication rowbell", "CREATE PUBLICATION rowbell FOR TABLE public.stocks")
        .contains(
            "error E204: slot rowbell",
            "SELECT pg_create_logical_replication_slot('rowbell', 'pgoutput', false, false, true)")
        .contains("Journal\n  there is none yet: the first run makes it")
        .endsWith("not ready: 'rowbell' would not start (2 errors)");
    assertThat(directory.resolve("journal.db")).as("check leaves no trace").doesNotExist();
    assertThat(ended(0, "check", "--apply"))
        .contains("Applied\n  CREATE PUBLICATION")
        .endsWith("ready: 'rowbell' would start");
    assertThat(ended(0, "check"))
        .containsPattern("source.postgres.password +rowbell.yaml:7 +\\*\\*\\*\\*")
        .doesNotContain("error", "warning")
        .endsWith("ready: 'rowbell' would start");

    try (JavaProcess run = rowbell("run");
        JavaProcess follow = followOnceThereIsAJournal(run)) {
      server.execute("shop", "INSERT INTO stocks VALUES (1, 'ACME')");
      assertThat(follow.awaitLine("StockListed", SOON))
          .startsWith("{\"specversion\":\"1.0\"")
          .contains("\"data\":{\"id\":1,\"symbol\":\"ACME\"}");
      run.terminate();
      assertThat(run.awaitExit(SOON)).as(String.join("\n", run.output())).isZero();
    }
    assertThat(ended(0, "events", "-o", "json", "--type", "StockListed"))
        .hasLineCount(1)
        .contains("\"data\":{\"id\":1,\"symbol\":\"ACME\"}");
    assertThat(ended(0, "events", "--type", "Other")).isEmpty();
  }

  @Test
  void checkSeesThatSlotAndJournalDoNotFitTogether() throws Exception {
    ended(0, "check", "--apply");
    try (JavaProcess run = rowbell("run");
        JavaProcess follow = followOnceThereIsAJournal(run)) {
      server.execute("shop", "INSERT INTO stocks VALUES (1, 'ACME')");
      follow.awaitLine("StockListed", SOON);
      assertThat(ended(0, "check"))
          .as("beside the engine")
          .containsPattern("Journal\n  it ends at [0-9A-F]+/[0-9A-F]+: a run goes on from there")
          .contains("warning W206: slot rowbell: somebody streams from the replication slot");
      run.terminate();
      assertThat(run.awaitExit(SOON)).isZero();
    }
    server.execute("shop", "ALTER TABLE stocks RENAME symbol TO ticker");
    assertThat(ended(1, "check"))
        .contains("E101", "= note: rules that fitted before a table was altered may still be run");
    server.execute("shop", "ALTER TABLE stocks RENAME ticker TO symbol");

    server.query("shop", "SELECT pg_drop_replication_slot('rowbell')");
    assertThat(ended(6, "check")).contains("error E243: slot rowbell");
    assertThat(ended(6, "check", "--apply"))
        .as("a new slot would pass over the changes between")
        .contains("error E243: slot rowbell")
        .doesNotContain("Applied");
    assertThat(ended(6, "run")).contains("E243");

    server.query("shop", "SELECT pg_create_logical_replication_slot('rowbell', 'pgoutput')");
    assertThat(ended(6, "check")).contains("error E241: slot rowbell", "ahead of the journal");
  }

  private JavaProcess followOnceThereIsAJournal(JavaProcess run) throws InterruptedException {
    run.awaitLine("streams from", SOON);
    return rowbell("events", "--follow");
  }

  @Test
  void aDatabaseThatIsNotThereIsNamed() throws Exception {
    server.stop();

    assertThat(ended(4, "run")).contains(server.host() + ":" + server.port());
    assertThat(ended(4, "check")).contains("not ready: 'rowbell' would not start (1 error)");
  }
}
