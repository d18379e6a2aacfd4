package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DeadLetter.Delivery;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.spi.CloudEventJson;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.ParkedKey;
import io.rowbell.spi.Subscription.Progress;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.KafkaOperator;
import io.rowbell.testkit.PostgresServer;
import io.rowbell.testkit.Samples;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Dead letters and subscribers, decided about by commands beside a real engine. Engines are
 * processes; commands are where it matters how large their heap is.
 */
@Timeout(300)
class DeadLettersIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  /** No topic takes much larger ones. */
  private static final int LARGE_BYTES = 900_000;

  /** More than 128 MB, which is half of what the launcher gives. */
  private static final int LARGE_LETTERS = 180;

  private static PostgresServer postgres;
  private static KafkaBroker broker;

  @TempDir private Path directory;
  private String heap = "-Xmx256m";
  private String name = "";
  private int port;

  @BeforeAll
  static void start() {
    postgres = PostgresServer.start();
    broker = KafkaBroker.start();
  }

  @AfterAll
  static void stop() {
    broker.close();
    postgres.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sqlite", "kafka"})
  void aRetryThatIsKilledGoesOnInOrderWithTheSameIds(String journal) throws Exception {
    configure("retry_" + journal, journal);
    Files.writeString(directory.resolve("refused"), "[a]");
    List<String> ids;
    try (JavaProcess run = rowbell("run")) {
      run.awaitLine("streams from", SOON);
      insert("(1, 'a'), (2, 'b'), (3, 'a'), (4, 'a')");
      awaitList(3, "--key", "a");
      assertThat(delivered()).containsExactly("b {\"n\":2}");
      await().atMost(SOON).untilAsserted(this::theJournalsFiguresAreTold);
      ids =
          ended(0, "dead-letters", "list")
              .lines()
              .skip(1)
              .map(line -> line.substring(0, line.indexOf(' ')))
              .toList();
      assertThat(ended(0, "dead-letters", "show", ids.get(0)))
          .contains("this key is not wanted", "attempts    1", "rowbell dead-letters retry --key");
      assertThat(ended(0, "dead-letters", "show", ids.get(2), "-o", "json"))
          .contains("\"code\":\"X503\"", "\"attempts\":0", "\"data\":{\"n\":4}");
      assertThat(ended(1, "dead-letters", "retry", ids.get(1)))
          .contains(ids.get(1) + " is not the first dead letter of key 'a'", ids.get(0));

      // Refused again: nothing is lost, and nothing overtakes it.
      ended(0, "dead-letters", "retry", "--key", "a", "--subscriber", "out");
      awaitText(
          text -> assertThat(text).contains("attempts    2"), "dead-letters", "show", ids.get(0));
      assertThat(delivered()).containsExactly("b {\"n\":2}");

      Files.delete(directory.resolve("refused"));
      Files.writeString(directory.resolve("hang"), "{\"n\":3}");
      assertThat(
              ended(
                  0,
                  "dead-letters",
                  "retry",
                  "--key",
                  "a",
                  "--subscriber",
                  "out",
                  "--reason",
                  "the destination is mended"))
          .startsWith("done: retry key " + name + ".orders a");
      run.awaitLine("hanging", SOON);
      insert("(5, 'a')");
      run.kill();
    }
    Files.delete(directory.resolve("hang"));
    try (JavaProcess run = rowbell("run")) {
      await().atMost(SOON).untilAsserted(() -> assertThat(delivered()).contains("a {\"n\":5}"));
      awaitList(0);
      assertThat(delivered().stream().filter(line -> line.startsWith("a")).toList())
          .as("the first was delivered and not noted when the process died")
          .containsExactly(
              "a {\"n\":1}", "a {\"n\":1}", "a {\"n\":3}", "a {\"n\":4}", "a {\"n\":5}");
      assertThat(deliveredIds()).containsSubsequence(ids);
      // The key flows again.
      insert("(6, 'a')");
      await().atMost(SOON).untilAsserted(() -> assertThat(delivered()).contains("a {\"n\":6}"));
      assertThat(run.running()).isTrue();
    }
    assertThat(ended(0, "audit")).contains("@", "the destination is mended").hasLineCount(3);
  }

  private void theJournalsFiguresAreTold() throws Exception {
    HttpResponse<String> metrics =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/metrics")).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(metrics.body())
        .contains("rowbell_journal_dead_letters 3.0")
        .containsPattern("rowbell_journal_bytes [1-9]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sqlite", "kafka"})
  void subscribersArePausedAndMovedWithAnEngineAndWithout(String journal) throws Exception {
    configure("moved_" + journal, journal);
    try (JavaProcess run = rowbell("run")) {
      run.awaitLine("streams from", SOON);
      insert("(1, 'a')");
      await().atMost(SOON).untilAsserted(() -> assertThat(delivered()).hasSize(1));
      assertThat(ended(0, "subscribers", "pause", "out")).contains("done: pause");
      insert("(2, 'a'), (3, 'a')");
      awaitText(
          text -> assertThat(text).containsPattern("out +paused +[2345] "), "subscribers", "list");
      run.kill();
    }
    try (JavaProcess run = rowbell("run")) {
      run.awaitLine("streams from", SOON);
      assertThat(ended(0, "subscribers", "list")).containsPattern("out +paused +[2345] ");
      assertThat(delivered()).hasSize(1);

      // An engine that is not spoken to is neither fenced nor overtaken.
      String http = Files.readString(directory.resolve("rowbell.yaml"));
      Path silent = directory.resolve("silent.yaml");
      Files.writeString(silent, http.substring(0, http.indexOf("http:")));
      assertThat(ended(4, "subscribers", "resume", "out", "-c", silent.toString()))
          .contains("add 'http: {}' to the configuration and restart it");
      assertThat(run.running()).isTrue();
      run.terminate();
      assertThat(run.awaitExit(SOON)).isZero();
    }
    assertThat(ended(0, "subscribers", "list")).containsPattern("out +paused +[2345] ");
    assertThat(ended(0, "subscribers", "resume", "out")).contains("done: resume");
    try (JavaProcess run = rowbell("run")) {
      await().atMost(SOON).untilAsserted(() -> assertThat(delivered()).hasSize(3));
      List<String> first = deliveredIds();
      assertThat(ended(2, "subscribers", "rewind", "out", "--to", "earliest"))
          .contains("would rewind to earliest", "give the command again with --yes");
      assertThat(ended(1, "subscribers", "rewind", "out", "--to", "tomorrow", "--yes"))
          .contains("'tomorrow' is no place");
      assertThat(ended(1, "subscribers", "skip", "nobody", "--to", "latest", "--yes"))
          .contains("the journal knows no subscriber 'nobody'; it knows: out");
      ended(0, "subscribers", "rewind", "out", "--to", "earliest", "--yes");
      await().atMost(SOON).untilAsserted(() -> assertThat(delivered()).hasSize(6));
      assertThat(deliveredIds().subList(3, 6)).isEqualTo(first);

      ended(0, "subscribers", "pause", "out");
      insert("(4, 'a')");
      awaitText(
          text -> assertThat(text).containsPattern("out +paused +[1234] "), "subscribers", "list");
      ended(0, "subscribers", "skip", "out", "--to", "latest", "--yes", "--reason", "a test");
      ended(0, "subscribers", "resume", "out");
      insert("(5, 'a')");
      await().atMost(SOON).untilAsserted(() -> assertThat(delivered()).hasSize(7));
      assertThat(delivered().get(6)).isEqualTo("a {\"n\":5}");

      Files.writeString(directory.resolve("refused"), "[a]");
      insert("(6, 'a'), (7, 'a')");
      awaitList(2, "--subscriber", "out");
      assertThat(ended(2, "dead-letters", "drop", "--all", "--subscriber", "out"))
          .contains("would drop 2 dead letters");
      ended(
          0, "dead-letters", "drop", "--all", "--subscriber", "out", "--yes", "--reason", "a test");
      awaitList(0);
      Files.delete(directory.resolve("refused"));
      insert("(8, 'a')");
      await().atMost(SOON).untilAsserted(() -> assertThat(delivered()).hasSize(8));
      assertThat(run.running()).isTrue();
    }
    assertThat(ended(0, "audit", "-o", "json").lines().toList())
        .hasSize(7)
        .last()
        .asString()
        .contains("\"subscriber\":\"out\"", "drop 2 dead letters", "\"reason\":\"a test\"");

    // The journals' contract has the same for both.
    if (journal.equals("sqlite")) {
      aSubscriberThatIsConfiguredNoMoreIsForgotten();
    }
  }

  @Test
  void aSubscriberThatIsBehindWhatKafkaKeepsStopsTheEngineUntilSomebodySkips() throws Exception {
    configure("behind", "kafka");
    Files.writeString(directory.resolve("hang"), "{\"n\":2}");
    try (JavaProcess run = rowbell("run");
        KafkaOperator operator = new KafkaOperator(broker)) {
      run.awaitLine("streams from", SOON);
      insert("(1, 'a'), (2, 'a'), (3, 'a')");
      run.awaitLine("hanging", SOON);
      run.kill();
      operator.deleteRecords("behind.orders");
    }
    Files.delete(directory.resolve("hang"));
    assertThat(processed(5, "run"))
        .contains("events that the subscriber 'out' has not passed", "behind.orders-0 from ")
        .contains("rowbell subscribers skip 'out' --to earliest");
    assertThat(
            ended(0, "subscribers", "skip", "out", "--to", "earliest", "--yes", "--reason", "told"))
        .contains("done: skip to earliest (behind.orders-0 from ");
    try (JavaProcess run = rowbell("run")) {
      insert("(4, 'a')");
      await().atMost(SOON).untilAsserted(() -> assertThat(delivered()).contains("a {\"n\":4}"));
      assertThat(delivered()).containsExactly("a {\"n\":1}", "a {\"n\":4}");
      assertThat(run.running()).isTrue();
    }
    assertThat(ended(0, "audit")).contains("skip to earliest", "told");

    // As docs/operations.md begins a new journal.
    try (KafkaOperator operator = new KafkaOperator(broker)) {
      operator.deleteTopics(List.of("behind.state", "behind.subscribers", "behind.dead-letters"));
    }
    try (JavaProcess run = rowbell("run")) {
      run.awaitLine("as the journal is new", SOON);
      run.awaitLine("streams from", SOON);
      insert("(5, 'a')");
      await().atMost(SOON).untilAsserted(() -> assertThat(delivered()).contains("a {\"n\":5}"));
      assertThat(delivered().stream().distinct())
          .as("the last ones may be told a second time")
          .containsExactly("a {\"n\":1}", "a {\"n\":4}", "a {\"n\":5}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sqlite", "kafka"})
  void whatNoHeapHoldsTogetherIsListedRetriedAndDropped(String journal) throws Exception {
    configure("large_" + journal, journal);
    try (JavaProcess run = rowbell("run")) {
      run.awaitLine("streams from", SOON);
      insert("(1, 'b')");
      await().atMost(SOON).untilAsserted(() -> assertThat(delivered()).hasSize(1));
      run.terminate();
      assertThat(run.awaitExit(SOON)).isZero();
    }
    Files.writeString(directory.resolve("refused"), "[a]");
    giveUpMoreThanTheHeap();

    heap = "-Xmx128m";
    String drop = "drop %d dead letters".formatted(LARGE_LETTERS);
    String[] all = {"--all", "--subscriber", "out"};
    assertThat(processed(0, "dead-letters", "list")).hasLineCount(1 + LARGE_LETTERS);
    try (JavaProcess whole = rowbell("dead-letters", "list", "-o", "json")) {
      assertThat(whole.awaitExit(SOON)).isZero();
      assertThat(whole.output()).hasSize(LARGE_LETTERS).allMatch(line -> line.endsWith("}}"));
    }
    assertThat(processed(0, with(all, "dead-letters", "retry"))).contains("done: retry key");
    assertThat(processed(2, with(all, "dead-letters", "drop"))).contains("would " + drop);
    try (JavaProcess run = rowbell("run")) {
      // Before the stream, or after it.
      run.awaitLine("stays a dead letter", SOON);
      awaitText(
          text -> assertThat(text).contains("done: retry key"), with(all, "dead-letters", "retry"));
      run.awaitLine("stays a dead letter", SOON);
      assertThat(ended(0, with(all, "dead-letters", "drop", "--yes", "--reason", "a test")))
          .contains("done: " + drop, "1 keys are parked no more");
      assertThat(run.running()).isTrue();
    }
    assertThat(ended(0, "dead-letters", "list")).contains("there are no such dead letters");
  }

  /** As many letters of one key as the subscriber could have given up, without their deliveries. */
  private void giveUpMoreThanTheHeap() throws Exception {
    EngineConfig config = ConfigLoader.load(directory.resolve("rowbell.yaml"));
    String topic = name + ".orders";
    EventData large = EventData.ofJson("\"" + "x".repeat(LARGE_BYTES) + "\"");
    try (Journal opened = config.journal().open(config.context());
        Subscription subscription = opened.openToDecide("out")) {
      for (int n = 0; n < LARGE_LETTERS; n++) {
        DomainEvent event = Samples.event("OrderPlaced", "a", n, large);
        DeadLetter letter =
            new DeadLetter(
                event.id(),
                "out",
                event.type(),
                topic,
                event.key(),
                event.time(),
                n == 0 ? "X501" : "X503",
                "given up by a test",
                CloudEventJson.of(event),
                new Delivery("0", 100 + n, 0, event.time(), event.time()));
        subscription.commit(
            new Progress(Map.of(), List.of(letter), Set.of(new ParkedKey(topic, "a"))));
      }
    }
  }

  private void aSubscriberThatIsConfiguredNoMoreIsForgotten() throws Exception {
    assertThat(ended(1, "subscribers", "forget", "out", "--yes")).contains("'out' is served");
    Path file = directory.resolve("rowbell.yaml");
    Files.writeString(file, Files.readString(file).replace("name: out,", "name: other,"));
    try (JavaProcess run = rowbell("run")) {
      run.awaitLine("streams from", SOON);
      assertThat(ended(1, "subscribers", "forget", "other", "--yes")).contains("'other' is served");
      assertThat(ended(2, "subscribers", "forget", "out")).contains("would forget it");
      assertThat(ended(0, "subscribers", "forget", "out", "--yes")).contains("done: forget it");
      assertThat(ended(0, "subscribers", "list")).contains("other").doesNotContain("out ");
    }
    assertThat(ended(0, "audit")).contains("forget it");
  }

  private void configure(String name, String journal) throws Exception {
    this.name = name;
    postgres.createDatabase(name);
    postgres.execute(name, "CREATE TABLE orders (n bigint PRIMARY KEY, customer text)");
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Files.writeString(
        directory.resolve("rules.yaml"),
        """
        rules: v1
        triggers:
          - {event: OrderPlaced, on: insert orders, key: customer, to: "%s.orders", data: {n}}
        """
            .formatted(name));
    Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        name: %1$s
        source:
          postgres: {host: %2$s, port: %3$d, database: %1$s, user: %4$s, password: "%5$s"}
        rules: [rules.yaml]
        journal: {%6$s}
        subscribers:
          - {name: out, handler: io.rowbell.engine.cli.StubbornHandler, retry: {attempts: 2}}
        http: {listen: "127.0.0.1:%7$d"}
        """
            .formatted(
                name,
                postgres.host(),
                postgres.port(),
                postgres.user(),
                postgres.password(),
                journal.equals("sqlite")
                    ? "sqlite: {file: journal.db}"
                    : "kafka: {bootstrap: \"" + broker.bootstrapServers() + "\"}",
                port));
    ended(0, "check", "--apply");
  }

  private void insert(String rows) throws Exception {
    postgres.execute(name, "INSERT INTO orders VALUES " + rows);
  }

  private static String[] with(String[] options, String... command) {
    return Stream.of(command, options).flatMap(Stream::of).toArray(String[]::new);
  }

  private JavaProcess rowbell(String... args) {
    return JavaProcess.of(Main.class).jvm(heap).directory(directory).args(args).start();
  }

  /** What a command says that is a process. */
  private String processed(int code, String... args) throws InterruptedException {
    try (JavaProcess process = rowbell(args)) {
      int ended = process.awaitExit(SOON);
      String output = String.join("\n", process.output());
      assertThat(ended).as(output).isEqualTo(code);
      return output;
    }
  }

  /** What a command says that is carried out here. */
  private String ended(int code, String... args) {
    String[] usual = {"-c", directory.resolve("rowbell.yaml").toString()};
    Invocation command = Invocation.of(List.of(args).contains("-c") ? args : with(usual, args));
    String output = command.out() + command.err();
    assertThat(command.code()).as(output).isEqualTo(code);
    return output;
  }

  private void awaitText(ThrowingConsumer<String> wanted, String... args) {
    await().atMost(SOON).untilAsserted(() -> wanted.accept(ended(0, args)));
  }

  private void awaitList(int count, String... options) {
    awaitText(
        text -> assertThat(text.lines().count()).isEqualTo(count),
        with(options, "dead-letters", "list", "-o", "json"));
  }

  private List<String> lines() throws IOException {
    Path file = directory.resolve("delivered");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  /** Key and data of every event that was delivered. */
  private List<String> delivered() throws IOException {
    return lines().stream().map(line -> line.substring(line.indexOf(' ') + 1)).toList();
  }

  private List<String> deliveredIds() throws IOException {
    return lines().stream().map(line -> line.substring(0, line.indexOf(' '))).toList();
  }
}
