package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.ActRequest;
import io.rowbell.engine.Engine;
import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.spi.FailPoint;
import io.rowbell.testkit.Ports;
import io.rowbell.testkit.PostgresServer;
import io.rowbell.testkit.TcpProxy;
import io.rowbell.testkit.TcpProxy.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The metrics and the alert rules that are shipped, against a real engine: nothing is alarmed while
 * all is well, and each rule is when its trouble is there. A number that would take hours to reach
 * is replaced by a smaller one, on the same side of which the healthy engine lies.
 */
@Timeout(300)
class AlertsIT {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String RULES =
      """
      rules: v1
      triggers:
        - event: Priced
          on: insert stocks
          when: 100 / price > 0
          data: {symbol, price, note}
        - rule: Priced.next
          event: Priced
          on: insert stocks
          when: price > 0
          data: {symbol, price}
          mode: shadow
      """;

  private final Path directory;
  private final int port = Ports.free();
  private final PostgresServer server = PostgresServer.start();
  private final TcpProxy proxy = TcpProxy.toPostgres(server.host(), server.port());
  private final List<AlertRule> alerts = AlertRule.read(DOCS.resolve("alerts.yml"));
  private final Set<String> raised = new TreeSet<>();
  private Scrape healthy = Scrape.NONE;

  AlertsIT(@TempDir Path directory) throws Exception {
    this.directory = directory;
    server.createDatabase("shop");
    server.execute(
        "shop", "CREATE TABLE stocks (symbol text PRIMARY KEY, price int NOT NULL, note text)");
    Files.writeString(directory.resolve("rules.yaml"), RULES);
    Path file =
        Files.writeString(
            directory.resolve("rowbell.yaml"),
            """
            name: shop
            source:
              postgres: {host: %s, port: %d, database: shop, user: %s, password: "%s", marker-interval: 500ms}
            rules: [rules.yaml]
            journal: {sqlite: {file: journal.db, max-size: 64MiB}}
            subscribers:
              - name: hook
                handler: %s
                retry: {attempts: 2, delay: 4s}
            http: {listen: "127.0.0.1:%d"}
            """
                .formatted(
                    proxy.host(),
                    proxy.port(),
                    server.user(),
                    server.password(),
                    RefusingHandler.class.getName(),
                    port));
    List<String> unused = Engine.from(ConfigLoader.load(file)).prepareDatabase();
  }

  @AfterEach
  void close() {
    proxy.close();
    server.close();
  }

  @Test
  void eachTroubleRaisesItsAlarmAndNothingElseDoes() throws Exception {
    try (EngineProcess engine = EngineProcess.start(directory, port)) {
      engine.awaitReady();
      insert("GOOD", "7", "");
      awaitValue(engine, "rowbell_subscriber_delivered_total", 1);
      healthy = scrape(engine);
      assertThat(alerts).noneMatch(alert -> alert.holds(healthy, healthy));
      everyMetricIsDocumentedAndThere(healthy);

      insert("NONE", "0", "");
      awaitAlarm(engine, "RowbellRuleFails");
      awaitAlarm(engine, "RowbellDeadLettersKept");

      insert(RefusingHandler.REFUSED, "5", "");
      awaitAlarm(engine, "RowbellDeliveryFails");
      awaitAlarm(engine, "RowbellSubscriberBehind", "1");
      awaitAlarm(engine, "RowbellEventsGivenUp");
      awaitAlarm(engine, "RowbellKeysParked");
      assertThat(scrape(engine).value("rowbell_journal_dead_letters")).isEqualTo(2);

      Files.writeString(directory.resolve("rules.yaml"), RULES.replace("price", "prise"));
      reload();
      awaitAlarm(engine, "RowbellReloadRefused");
      Files.writeString(directory.resolve("rules.yaml"), RULES);

      for (int i = 0; i < 20; i++) {
        insert("LARGE" + i, "9", "repeat('x', 500000)");
      }
      awaitAlarm(engine, "RowbellJournalFills", "0.15");

      stallTheStream(engine);
      pause();
      awaitAlarm(engine, "RowbellSubscriberPaused");
      engine.process().terminate();
      assertThat(engine.process().awaitExit(SOON)).isZero();
    }
    hang();
    alarm("RowbellGone", Scrape.NONE);
    assertThat(raised).containsExactlyInAnyOrderElementsOf(names());
  }

  private void stallTheStream(EngineProcess engine) throws Exception {
    server.execute("shop", "ALTER SYSTEM SET max_slot_wal_keep_size = '200MB'");
    server.execute("shop", "SELECT pg_reload_conf()");
    awaitAlarm(engine, "RowbellSlotInDanger");
    proxy.blackhole(Kind.REPLICATION);
    server.execute(
        "shop",
        "SELECT count(pg_logical_emit_message(false, 'others', repeat('x', 1000000)))"
            + " FROM generate_series(1, 30)");
    awaitAlarm(engine, "RowbellLogKept", "30000000");
    awaitAlarm(engine, "RowbellLogUnread", "30000000");
    awaitAlarm(engine, "RowbellBehind", "5");
    awaitAlarm(engine, "RowbellNotMoving");
    proxy.heal();
    Awaitility.await().atMost(SOON).until(engine::ready);
    assertThat(alert("RowbellBehind").holds(healthy, scrape(engine), "5")).isFalse();
  }

  /** Another process, which hangs in its first append. */
  private void hang() throws Exception {
    try (EngineProcess engine =
        EngineProcess.start(directory, port, FailPoint.BEFORE_APPEND.option("wait"))) {
      engine.awaitReady();
      insert("LAST", "1", "");
      engine.awaitWait(FailPoint.BEFORE_APPEND);
      awaitAlarm(engine, "RowbellHangs", "2");
    }
  }

  private void insert(String symbol, String price, String note) throws Exception {
    server.execute(
        "shop",
        "INSERT INTO stocks VALUES ('%s', %s, %s)"
            .formatted(symbol, price, note.isEmpty() ? "NULL" : note));
  }

  private void reload() throws IOException, InterruptedException {
    assertThat(post("/reload", "")).isEqualTo(422);
  }

  private void pause() throws IOException, InterruptedException {
    ActRequest pause =
        new ActRequest(
            ActRequest.Kind.PAUSE, "hook", List.of(), null, false, null, false, false, "", "test");
    assertThat(post("/act", pause.json())).isEqualTo(200);
  }

  /** The answer's status. */
  private int post(String path, String body) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .header("Rowbell-Pipeline", "shop")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static Scrape scrape(EngineProcess engine) throws IOException, InterruptedException {
    return Scrape.of(engine.get("/metrics"));
  }

  private static void awaitValue(EngineProcess engine, String metric, double least) {
    Awaitility.await().atMost(SOON).until(() -> scrape(engine).value(metric) >= least);
  }

  private List<String> names() {
    return alerts.stream().map(AlertRule::name).toList();
  }

  private AlertRule alert(String name) {
    return alerts.stream().filter(alert -> alert.name().equals(name)).findFirst().orElseThrow();
  }

  private void alarm(String name, Scrape now) {
    assertThat(alert(name).holds(healthy, now)).as(name).isTrue();
    raised.add(name);
  }

  private void awaitAlarm(EngineProcess engine, String name) {
    Awaitility.await(name)
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> alert(name).holds(healthy, scrape(engine)));
    raised.add(name);
  }

  private void awaitAlarm(EngineProcess engine, String name, String threshold) {
    assertThat(alert(name).holds(healthy, healthy, threshold)).as(name).isFalse();
    Awaitility.await(name)
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> alert(name).holds(healthy, scrape(engine), threshold));
    raised.add(name);
  }

  private static void everyMetricIsDocumentedAndThere(Scrape scrape) throws IOException {
    Map<String, Scrape.Family> documented = new TreeMap<>();
    Pattern.compile("^\\| `(\\w+)` \\| (\\w+) \\|[^|]*\\| (.*) \\|$", Pattern.MULTILINE)
        .matcher(Files.readString(DOCS.resolve("metrics.md")))
        .results()
        .forEach(
            row -> documented.put(row.group(1), new Scrape.Family(row.group(2), row.group(3))));
    assertThat(documented).isEqualTo(scrape.families());
  }

  @Test
  void eachAlarmSaysWhatToDoNextAndWhereToRead() throws IOException {
    List<String> sections = new ArrayList<>();
    Pattern.compile("^## (.*)$", Pattern.MULTILINE)
        .matcher(Files.readString(DOCS.resolve("operations.md")))
        .results()
        .forEach(
            title ->
                sections.add(
                    "docs/operations.md#"
                        + title.group(1).toLowerCase(java.util.Locale.ROOT).replace(' ', '-')));
    String operations = Files.readString(DOCS.resolve("operations.md"));
    Set<String> documented = AlertRule.metricsOf(Files.readString(DOCS.resolve("metrics.md")));

    assertThat(alerts).hasSizeGreaterThan(10);
    assertThat(AlertRule.metricsOf(operations)).isSubsetOf(documented);
    for (AlertRule alert : alerts) {
      assertThat(alert.metrics()).as(alert.name()).isNotEmpty().isSubsetOf(documented);
      assertThat(alert.fields())
          .as(alert.name())
          .containsKeys("annotations.summary", "annotations.next");
      assertThat(sections).contains(alert.fields().get("annotations.runbook"));
      assertThat(List.of("critical", "warning", "info"))
          .contains(alert.fields().get("labels.severity"));
      assertThat(operations).contains("`" + alert.name() + "`");
    }
  }
}
