package io.rowbell.examples.benchmarks;

import io.rowbell.engine.Engine;
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
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long an event takes from its commit to a handler in the process, and to a consumer of its
 * topic.
 */
@Command(
    name = "latency",
    mixinStandardHelpOptions = true,
    description = "Commits transactions at a steady rate and prints the latencies of their events.")
public final class Latency implements Runnable {
  private static final String DATABASE = "latency";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Option(
      names = "--rate",
      description = "Transactions a second (default: ${DEFAULT-VALUE}).",
      defaultValue = "1000")
  private int rate;

  @Option(
      names = "--warm-up",
      description = "Seconds not counted (default: ${DEFAULT-VALUE}).",
      defaultValue = "10")
  private int warmUp;

  @Option(
      names = "--seconds",
      description = "Seconds counted (default: ${DEFAULT-VALUE}).",
      defaultValue = "20")
  private int seconds;

  /** Made by the command line. */
  public Latency() {}

  /** Runs the benchmark. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Latency()).execute(args));
  }

  /** The latencies of all events, by the number that their row carries. */
  private static final class Samples {
    private final long[] nanos;
    private int count;

    Samples(int size) {
      nanos = new long[size];
    }

    synchronized void add(Instant committed) {
      if (count < nanos.length) {
        nanos[count++] = Duration.between(committed, InstantSource.system().instant()).toNanos();
      }
    }

    synchronized int count() {
      return count;
    }

    synchronized String summary(int skip) {
      long[] sorted = Arrays.copyOfRange(nanos, Math.min(skip, count), count);
      Arrays.sort(sorted);
      if (sorted.length == 0) {
        return "none";
      }
      return String.format(
          Locale.ROOT,
          "p50 %.1f ms | p99 %.1f ms | p99.9 %.1f ms | longest %.1f ms",
          sorted[sorted.length / 2] / 1e6,
          sorted[(int) (sorted.length * 0.99)] / 1e6,
          sorted[(int) (sorted.length * 0.999)] / 1e6,
          sorted[sorted.length - 1] / 1e6);
    }
  }

  @Override
  public void run() {
    try (PostgresServer server = PostgresServer.start();
        KafkaBroker broker = KafkaBroker.start()) {
      for (boolean kafka : new boolean[] {false, true}) {
        measure(server, kafka ? broker : null);
      }
    } catch (SQLException | IOException e) {
      throw new IllegalStateException("the benchmark broke: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void measure(PostgresServer server, @Nullable KafkaBroker broker)
      throws SQLException, IOException, InterruptedException {
    String name = DATABASE + (broker == null ? "_sqlite" : "_kafka");
    server.createDatabase(name);
    server.execute(name, "CREATE TABLE ticks (id bigint PRIMARY KEY, note text)");
    Path directory = Files.createTempDirectory("rowbell-latency");
    Samples samples = new Samples(rate * (warmUp + seconds));
    Engine.Builder builder = Engine.from(configure(server, broker, name, directory));
    builder.prepareDatabase();
    if (broker == null) {
      builder.on("latency", Set.of(), event -> samples.add(event.time()));
    }
    try (Engine engine = builder.start();
        KafkaConsumer<String, String> consumer = broker == null ? null : consumer(broker, name)) {
      if (!engine.awaitReady(PATIENCE)) {
        throw new IllegalStateException("the engine does not start: " + engine.status());
      }
      Thread reader = new Thread(() -> read(consumer, samples), "reader");
      reader.setDaemon(true);
      if (consumer != null) {
        reader.start();
      }
      commit(server, name);
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (samples.count() < rate * (warmUp + seconds) && end - System.nanoTime() > 0) {
        LockSupport.parkNanos(1_000_000);
      }
      reader.interrupt();
      reader.join();
      System.out.printf(
          "| commit to %s, %d/s | %s | %d of %d events |%n",
          broker == null ? "handler (sqlite)" : "read_committed consumer (kafka)",
          rate,
          samples.summary(rate * warmUp),
          samples.count(),
          rate * (warmUp + seconds));
    }
  }

  private void commit(PostgresServer server, String database) throws SQLException {
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

  private static void read(@Nullable KafkaConsumer<String, String> consumer, Samples samples) {
    while (consumer != null && !Thread.currentThread().isInterrupted()) {
      try {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
          byte[] time = record.headers().lastHeader("ce_time").value();
          samples.add(Instant.parse(new String(time, StandardCharsets.UTF_8)));
        }
      } catch (org.apache.kafka.common.errors.InterruptException e) {
        return;
      }
    }
  }

  private static KafkaConsumer<String, String> consumer(KafkaBroker broker, String name) {
    KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers(),
                ConsumerConfig.GROUP_ID_CONFIG, "latency",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                ConsumerConfig.METADATA_MAX_AGE_CONFIG, 500),
            new StringDeserializer(),
            new StringDeserializer());
    consumer.subscribe(List.of(name + ".ticks"));
    return consumer;
  }

  private static Path configure(
      PostgresServer server, @Nullable KafkaBroker broker, String name, Path directory)
      throws IOException {
    Files.writeString(
        directory.resolve("rules.yaml"),
        """
        rules: v1
        triggers:
          - event: Ticked
            on: insert ticks
            to: "%s.ticks"
            data: {id, note}
        """
            .formatted(name));
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
                name,
                server.host(),
                server.port(),
                server.user(),
                server.password(),
                broker == null
                    ? "sqlite: {file: journal.db}"
                    : "kafka: {bootstrap: \"" + broker.bootstrapServers() + "\"}"));
  }
}
