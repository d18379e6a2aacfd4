package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rowbell.engine.Engine;
import io.rowbell.testkit.PostgresServer;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Explaining changes of a real database, beside a pipeline and without one. */
class ExplainIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Pattern AT = Pattern.compile(" at ([0-9A-F]+/[0-9A-F]+)\n");

  private final Path config;
  private final PostgresServer server = PostgresServer.start();

  ExplainIT(@TempDir Path directory) throws Exception {
    config = directory.resolve("rowbell.yaml");
    server.createDatabase("shop");
    server.execute(
        "shop",
        "CREATE TABLE stocks (id bigint PRIMARY KEY, symbol text, price numeric(12,2), owner text)");
    server.execute("shop", "ALTER TABLE stocks REPLICA IDENTITY FULL");
    Files.writeString(
        directory.resolve("rules.yaml"),
        """
        rules: v1
        private: [stocks.owner]
        vars: {pct: 5}
        triggers:
          - event: StockPriceMoved
            on: update stocks
            let: {move: "pct_change(last.price, price)"}
            when: abs(move) >= vars.pct && owner != 'nobody'
            data: {symbol, price, previous: last.price}
        """);
    Files.writeString(
        config,
        """
        source: {postgres: {host: %s, port: %d, database: shop, user: %s, password: %s}}
        rules: [rules.yaml]
        journal: {sqlite: {file: journal.db}}
        """
            .formatted(server.host(), server.port(), server.user(), server.password()));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Invocation rowbell(String command, String... args) {
    String[] all = new String[args.length + 3];
    all[0] = command;
    all[1] = "-c";
    all[2] = config.toString();
    System.arraycopy(args, 0, all, 3, args.length);
    return Invocation.of(all);
  }

  /** Starts to explain, and returns once it waits for changes: those before are none of its own. */
  private CompletableFuture<Invocation> follow(String... args) {
    StringWriter err = new StringWriter();
    CompletableFuture<Invocation> explaining =
        CompletableFuture.supplyAsync(() -> Invocation.telling(err, explainArguments(args)));
    await()
        .atMost(SOON)
        .until(() -> err.toString().contains("waiting for a change") || explaining.isDone());
    return explaining;
  }

  private String[] explainArguments(String... args) {
    return Stream.concat(
            Stream.of("explain", "-c", config.toString(), "--rule", "StockPriceMoved"),
            Stream.of(args))
        .toArray(String[]::new);
  }

  private Invocation explain(String... args) {
    return Invocation.of(explainArguments(args));
  }

  @Test
  void aChangeIsExplainedAsItComesAndAgainUntilThePipelineHasIt() throws Exception {
    assertThat(rowbell("check", "--apply").code()).isZero();
    server.execute("shop", "INSERT INTO stocks VALUES (1, 'ACME', 100, 'ann')");
    letThePipelineRead();
    String confirmed = confirmed();

    CompletableFuture<Invocation> live = follow("--key", "1", "--timeout", "2m");
    server.execute("shop", "INSERT INTO stocks VALUES (2, 'EMCA', 100, 'bob')");
    server.execute("shop", "UPDATE stocks SET price = 104.99, owner = 'eve' WHERE id = 1");
    Invocation came = live.get(3, TimeUnit.MINUTES);

    assertThat(came.code()).as(came.err()).isZero();
    assertThat(came.err()).contains("what the rule remembers is as the journal has it at ");
    assertThat(came.out())
        .startsWith("StockPriceMoved: not fired for stocks id=1 at ")
        .contains("  abs(move) >= vars.pct   false   4.99 >= 5\n")
        .contains("last.price = 100.00 (first seen ", "price = 104.99", "vars.pct = 5")
        .contains("  owner != 'nobody'       true    (private) != 'nobody'\n")
        .doesNotContain("eve");
    assertThat(confirmed()).as("the pipeline's slot").isEqualTo(confirmed);
    await()
        .atMost(SOON)
        .until(() -> one("SELECT count(*) FROM pg_replication_slots WHERE temporary").equals("0"));

    String position = position(came.out());
    assertThat(explain("--at", position).out()).isEqualTo(came.out());
    assertThat(explain("--at", position, "-o", "json").out())
        .startsWith("{\"rule\":\"StockPriceMoved\",\"verdict\":\"not_fired\"")
        .hasLineCount(1);
    letThePipelineRead();
    Invocation gone = explain("--at", position);
    assertThat(gone.code()).isEqualTo(1);
    assertThat(gone.err()).contains("no change at " + position, "--change");
  }

  private static final String READY_SLOTS =
      "SELECT count(confirmed_flush_lsn) FROM pg_replication_slots WHERE temporary";

  private static String position(String text) {
    Matcher matcher = AT.matcher(text);
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  private String one(String sql) throws Exception {
    return String.valueOf(server.queryOne("shop", sql));
  }

  private String confirmed() throws Exception {
    return one("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'rowbell'");
  }

  /** Runs the pipeline until it has confirmed all that is written; looks beside it meanwhile. */
  private void letThePipelineRead() throws Exception {
    String reached =
        "SELECT active AND confirmed_flush_lsn >= '"
            + one("SELECT pg_current_wal_lsn()")
            + "' FROM pg_replication_slots WHERE slot_name = 'rowbell'";
    try (Engine engine = Engine.from(config).start()) {
      await().atMost(SOON).until(() -> engine.isReady() && one(reached).equals("t"));
      Invocation beside = explain("--at", "0/1");
      assertThat(beside.err()).as("a slot that is streamed from").contains("no change at 0/1");
    }
  }

  /** Also of what was committed before, and is in no journal yet, the explanation knows. */
  @Test
  void aTransactionIsExplainedAsTheEngineHasIt() throws Exception {
    assertThat(rowbell("check", "--apply").code()).isZero();
    server.execute("shop", "INSERT INTO stocks VALUES (1, 'ACME', 100, 'ann')");

    CompletableFuture<Invocation> live = follow("--count", "4", "--timeout", "2m");
    server.execute(
        "shop",
        "BEGIN; UPDATE stocks SET price = 110 WHERE id = 1;"
            + " UPDATE stocks SET price = 112 WHERE id = 1; COMMIT");
    server.execute(
        "shop",
        "BEGIN; UPDATE stocks SET price = 200 WHERE id = 1;"
            + " SELECT pg_logical_emit_message(true, 'rowbell.skip', '');"
            + " SELECT pg_logical_emit_message(true, 'rowbell.skip', 'StockPriceMovd'); COMMIT");
    server.execute("shop", "UPDATE stocks SET price = 120 WHERE id = 1");
    Invocation came = live.get(3, TimeUnit.MINUTES);

    assertThat(came.code()).as(came.err()).isZero();
    assertThat(came.out().lines().filter(line -> line.startsWith("StockPriceMoved: ")))
        .extracting(line -> line.substring(0, line.indexOf(" for ")))
        .containsExactly(
            "StockPriceMoved: fired",
            "StockPriceMoved: not fired",
            "StockPriceMoved: not fired",
            "StockPriceMoved: fired");
    assertThat(came.out())
        .contains("last.price = 100.00 (first seen ", "last.price = 110.00 (fired ")
        .contains("\n  the transaction skips this rule\n");
    assertThat(came.err().lines().filter(line -> line.contains("X421")))
        .singleElement()
        .asString()
        .startsWith("note: X421 message rowbell.skip at ")
        .endsWith(": no rule 'StockPriceMovd' is enabled: did you mean 'StockPriceMoved'?");
    letThePipelineRead();
    assertThat(rowbell("events").out().lines())
        .hasSize(2)
        .anySatisfy(line -> assertThat(line).contains("\"price\":110.00,\"previous\":100.00"))
        .anySatisfy(line -> assertThat(line).contains("\"price\":120.00,\"previous\":110.00"));
    Invocation none = explain("--key", "7", "--timeout", "2s");
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err())
        .contains("no change that concerns rule 'StockPriceMoved' and key '7' came within 2s");
    Invocation nothing = rowbell("test", "--record", "--timeout", "1s");
    assertThat(nothing.code()).isEqualTo(1);
    assertThat(nothing.err()).contains("no transaction came that a rule listens to");
  }

  @Test
  void aChangeThatIsWrittenDownIsExplained() {
    Invocation given =
        explain(
            "--change", "update stocks: {id: 1, price: 105, owner: ann}", "--last", "{price: 100}");
    assertThat(given.code()).as(given.err()).isZero();
    assertThat(given.out())
        .startsWith("StockPriceMoved: fired for stocks id=1 at 0/0\n")
        .contains("abs(move) >= vars.pct   true    5 >= 5");

    Invocation other = explain("--key", "2", "--change", "insert stocks: {id: 1}");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("the change is of key '1', and not of '2'");
    Invocation wrong = explain("--change", "update stocks: {id: 1, prise: high}");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err())
        .contains("--change:1:24: error E101: table public.stocks has no column 'prise'")
        .contains("= help: did you mean 'price'?");
    Invocation nobody = rowbell("explain", "--rule", "StockPriceMove", "--change", "x");
    assertThat(nobody.code()).isEqualTo(2);
    assertThat(nobody.err()).contains("no rule 'StockPriceMove'", "'StockPriceMoved'?");
    assertThat(explain("--last", "{price: 1}").err()).contains("belong to --change");
  }

  @Test
  void whatIsCommittedBecomesATest() throws Exception {
    assertThat(rowbell("check", "--apply").code()).isZero();
    server.execute("shop", "INSERT INTO stocks VALUES (7, 'ACME', 100, 'ann')");
    CompletableFuture<Invocation> recording =
        CompletableFuture.supplyAsync(() -> rowbell("test", "--record", "--count", "2"));
    await().atMost(SOON).until(() -> one(READY_SLOTS).equals("1"));
    server.execute("shop", "UPDATE stocks SET price = 120.50 WHERE id = 7");
    server.execute(
        "shop",
        "BEGIN; UPDATE stocks SET price = 90 WHERE id = 7;"
            + " INSERT INTO stocks VALUES (8, 'B \"q\"', 1, 'eve'); DELETE FROM stocks WHERE id = 8; COMMIT");
    Invocation recorded = recording.get(3, TimeUnit.MINUTES);

    assertThat(recorded.code()).as(recorded.err()).isZero();
    assertThat(recorded.out())
        .startsWith(
            "tests:\n  - test: \"recorded\"\n    steps:\n      - snapshot public.stocks: {id: 7, ")
        .contains("- update public.stocks: {id: 7, price: 120.50}", "- transaction:")
        .doesNotContain("ann", "eve");
    Path rules = config.resolveSibling("rules.yaml");
    Files.writeString(rules, Files.readString(rules) + recorded.out());
    Invocation test = rowbell("test");
    assertThat(test.out() + test.err()).contains("1 test passed");
  }

  @Test
  void whoCannotLookIsToldWhatIsMissing() throws Exception {
    String free =
        "SELECT pg_create_physical_replication_slot('taken_' || i) FROM generate_series(1,"
            + " current_setting('max_replication_slots')::int"
            + " - (SELECT count(*)::int FROM pg_replication_slots)) AS i";
    server.execute("shop", free);

    Invocation live = explain("--timeout", "5s");

    assertThat(live.code()).as(live.err()).isEqualTo(3);
    assertThat(live.err()).contains("max_replication_slots");
    assertThat(List.of(live.out())).containsExactly("");
  }
}
