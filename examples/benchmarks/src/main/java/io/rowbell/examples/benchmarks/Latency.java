package io.rowbell.examples.benchmarks;

import io.rowbell.engine.Engine;
import io.rowbell.examples.benchmarks.Measurements.Measure;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long an event takes from its commit to a handler in the process, and to a consumer of
 * committed records of its topic.
 */
@Command(
    name = "latency",
    mixinStandardHelpOptions = true,
    description = "Commits transactions at a steady rate and reports how long their events take.")
final class Latency extends Benchmark {
  private static final int[] RULES = {1, 100, 1000};
  private static final String RULE = "  on: insert ticks\n  data: {id, note}\n";
  private static final String ONE_RULE =
      "  - event: Ticked\n    to: \"{database}.ticks\"\n" + RULE.indent(2);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Debezium's time of the commit, in microseconds, the first of several. */
  private static final Pattern COMMITTED = Pattern.compile("\"ts_us\":(\\d+)");

  @Option(
      names = "--rate",
      description = "Transactions a second (default: ${DEFAULT-VALUE}).",
      split = ",",
      defaultValue = "1000,5000")
  private int[] rates = new int[0];

  @Option(
      names = "--warm-up",
      description = "Seconds that are reported apart (default: ${DEFAULT-VALUE}).",
      defaultValue = "10")
  private int warmUp;

  @Option(
      names = "--seconds",
      description = "Seconds counted (default: ${DEFAULT-VALUE}).",
      defaultValue = "20")
  private int seconds;

  @Option(
      names = "--debezium-server",
      paramLabel = "DIR",
      description = "Its unpacked distribution; left out otherwise.")
  private @Nullable Path debeziumServer;

  private final Measurements measured = latencies("commit to");
  private final Measurements byRules = latencies("rules");

  private int databases;

  @Override
  void measure(Report report) throws SQLException, IOException, InterruptedException {
    try (PostgresServer server = PostgresServer.start();
        KafkaBroker broker = DebeziumServer.broker()) {
      for (RuleKind kind : RuleKind.values()) {
        for (int count : RULES) {
          String triggers = kind.triggers(count, RULE);
          ownHandler(server, rates[0], byRules, kind.name(count), triggers);
        }
      }
      for (int rate : rates) {
        ownHandler(server, rate, measured, "rowbell, handler, %,d/s".formatted(rate), ONE_RULE);
        ownConsumer(server, broker, rate);
        if (debeziumServer != null) {
          peer(new DebeziumServer(debeziumServer.toAbsolutePath()), server, broker, rate);
        }
      }
    }
    report(report);
  }

  private void report(Report report) throws IOException {
    report
        .heading("Latency")
        .add(
            """
            One-row transactions, committed at a steady rate by one session for %d s, of which the first %d are warm-up. \
            From the commit's time in the log until a handler in the engine's process has the event, or a `read_committed` consumer its record.
            """
                .formatted(warmUp + seconds, warmUp))
        .add(measured.table())
        .add(
            "\nTo a handler at %,d/s, with so many rules on the table, of which the first fires:\n"
                .formatted(rates[0]))
        .add(byRules.table());
  }

  private static Measurements latencies(String subject) {
    return new Measurements(
        subject,
        new Measure("p50 ms", 1),
        new Measure("p99 ms", 1),
        new Measure("p99.9 ms", 1),
        new Measure("longest ms", 1),
        new Measure("longest of the warm-up, ms", 0));
  }

  private void ownHandler(
      PostgresServer server, int rate, Measurements into, String subject, String triggers)
      throws SQLException, IOException, InterruptedException {
    String name = database(server);
    Latencies latencies = new Latencies(rate * (warmUp + seconds));
    Engine.Builder builder =
        Engine.from(configure(server, name, "sqlite: {file: journal.db}", triggers));
    builder.prepareDatabase();
    builder.on("latency", Set.of(), event -> latencies.came(event.time()));
    try (Engine engine = builder.start()) {
      awaitReady(engine);
      commit(server, name, rate);
      add(into, subject, latencies, rate);
    }
  }

  private void ownConsumer(PostgresServer server, KafkaBroker broker, int rate)
      throws SQLException, IOException, InterruptedException {
    String name = database(server);
    Engine.Builder builder =
        Engine.from(
            configure(
                server,
                name,
                "kafka: {bootstrap: \"" + broker.bootstrapServers() + "\"}",
                ONE_RULE));
    builder.prepareDatabase();
    try (Engine engine = builder.start()) {
      awaitReady(engine);
      consumed(
          server,
          broker,
          name,
          name + ".ticks",
          "rowbell, consumer (kafka), %,d/s".formatted(rate),
          rate,
          record ->
              Instant.parse(
                  new String(
                      record.headers().lastHeader("ce_time").value(), StandardCharsets.UTF_8)));
    }
  }

  private static void awaitReady(Engine engine) throws InterruptedException {
    if (!engine.awaitReady(PATIENCE)) {
      throw new IllegalStateException("the engine does not start: " + engine.status());
    }
  }

  private void peer(DebeziumServer peer, PostgresServer server, KafkaBroker broker, int rate)
      throws SQLException, IOException, InterruptedException {
    String name = database(server);
    server.execute(name, "CREATE PUBLICATION ticks FOR TABLE ticks");
    server.query(
        name, "SELECT pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(name));
    Path directory = Files.createTempDirectory("rowbell-peer");
    DebeziumServer.configure(
        directory,
        server,
        name,
        name,
        broker.bootstrapServers(),
        "debezium.source.publication.name=ticks\n");
    Process process =
        new ProcessBuilder(peer.command())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    try {
      String active =
          "SELECT active::text FROM pg_replication_slots WHERE slot_name = '" + name + "'";
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!"true".equals(server.queryOne(name, active))) {
        if (process.waitFor(50, TimeUnit.MILLISECONDS) || deadline - System.nanoTime() < 0) {
          throw new IllegalStateException(
              "Debezium Server does not start:\n" + Files.readString(directory.resolve("log")));
        }
      }
      consumed(
          server,
          broker,
          name,
          name + ".public.ticks",
          "Debezium Server, consumer (kafka), %,d/s".formatted(rate),
          rate,
          record -> {
            Matcher matcher = COMMITTED.matcher(record.value());
            if (!matcher.find()) {
              throw new IllegalStateException("no time of commit in " + record.value());
            }
            long micros = Long.parseLong(matcher.group(1));
            return Instant.ofEpochSecond(
                micros / 1_000_000, micros % 1_000_000 * TimeUnit.MICROSECONDS.toNanos(1));
          });
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private String database(PostgresServer server) throws SQLException {
    String name = "latency_" + ++databases;
    server.createDatabase(name);
    server.execute(
        name, "CREATE TABLE ticks (id bigint PRIMARY KEY, note text, level int DEFAULT 0)");
    return name;
  }

  /** Commits while a consumer reads. */
  private void consumed(
      PostgresServer server,
      KafkaBroker broker,
      String database,
      String topic,
      String subject,
      int rate,
      Function<ConsumerRecord<String, String>, Instant> committed)
      throws SQLException, InterruptedException {
    Latencies latencies = new Latencies(rate * (warmUp + seconds));
    Thread reader = new Thread(() -> read(broker, topic, latencies, committed), "consumer");
    reader.setDaemon(true);
    reader.start();
    commit(server, database, rate);
    add(measured, subject, latencies, rate);
    reader.interrupt();
    reader.join();
  }

  private void add(Measurements into, String subject, Latencies latencies, int rate) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!latencies.complete() && deadline - System.nanoTime() > 0) {
      LockSupport.parkNanos(1_000_000);
    }
    if (!latencies.complete()) {
      throw new IllegalStateException(
          "%s: only %d events came".formatted(subject, latencies.count()));
    }
    int first = rate * warmUp;
    double[] quantiles = latencies.quantilesAfter(first, 0.5, 0.99, 0.999, 1);
    into.add(
        subject,
        quantiles[0],
        quantiles[1],
        quantiles[2],
        quantiles[3],
        latencies.longestOfFirst(first));
  }

  private void commit(PostgresServer server, String database, int rate) throws SQLException {
    System.err.printf("committing %,d transactions a second to %s ...%n", rate, database);
    try (Connection connection = server.connect(database);
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO ticks VALUES (?, 'tick')")) {
      long start = System.nanoTime();
      for (int n = 0; n < rate * (warmUp + seconds); n++) {
        long due = start + n * 1_000_000_000L / rate;
        while (due - System.nanoTime() > 0) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        insert.setLong(1, n);
        insert.execute();
      }
    }
  }

  private static void read(
      KafkaBroker broker,
      String topic,
      Latencies latencies,
      Function<ConsumerRecord<String, String>, Instant> committed) {
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                broker.bootstrapServers(),
                ConsumerConfig.GROUP_ID_CONFIG,
                topic,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.METADATA_MAX_AGE_CONFIG,
                500),
            new StringDeserializer(),
            new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      while (!Thread.currentThread().isInterrupted()) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
          latencies.came(committed.apply(record));
        }
      }
    } catch (InterruptException e) {
      // All came.
      Thread.currentThread().interrupt();
    }
  }

  private static Path configure(PostgresServer server, String name, String journal, String triggers)
      throws IOException {
    Path directory = Files.createTempDirectory("rowbell-latency");
    Files.writeString(
        directory.resolve("rules.yaml"),
        "rules: v1\ntriggers:\n" + triggers.replace("{database}", name));
    return Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        name: %1$s
        source:
          postgres: {host: %2$s, port: %3$d, database: %1$s, user: %4$s, password: "%5$s"}
        rules: [rules.yaml]
        journal: {%6$s}
        """
            .formatted(
                name, server.host(), server.port(), server.user(), server.password(), journal));
  }
}
