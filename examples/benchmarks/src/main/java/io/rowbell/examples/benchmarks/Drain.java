package io.rowbell.examples.benchmarks;

import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How fast readers drain the same committed changes, and what it costs them. Each reader gets a
 * copy of the slot; a run lasts from the start of its process until the slot's copy is confirmed to
 * the end.
 */
@Command(
    name = "drain",
    mixinStandardHelpOptions = true,
    description = "Drains the same changes with every reader and prints a table.")
public final class Drain implements Runnable {
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final long LOOK_EVERY_MILLIS = 20;

  @Option(
      names = "--changes",
      description = "How many (default: ${DEFAULT-VALUE}).",
      defaultValue = "1000000")
  private int changes;

  @Option(
      names = "--runs",
      description = "How often each reader runs, in turn (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private int runs;

  @Option(names = "--no-kafka", description = "Leave the Kafka journal out.")
  private boolean withoutKafka;

  /** Made by the command line. */
  public Drain() {}

  /** Runs the benchmark. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Drain()).execute(args));
  }

  /**
   * One run of one reader.
   *
   * @param seconds from the start of the process to the last confirmation
   * @param walsenderSeconds CPU time of the server's process
   */
  record Run(double seconds, Usage reader, double walsenderSeconds) {}

  @Override
  public void run() {
    try (PostgresServer server =
            PostgresServer.with("max_wal_senders", "20")
                .with("max_replication_slots", "60")
                .with("max_wal_size", "8GB")
                .start();
        KafkaBroker broker = withoutKafka ? null : KafkaBroker.start()) {
      System.err.printf("writing %,d changes ...%n", changes);
      new Workload(server, changes).write();
      List<Reader> readers = new ArrayList<>();
      Reader.pgRecvlogical().ifPresent(readers::add);
      readers.add(Reader.noOpDebezium());
      for (int percent : new int[] {1, 100}) {
        readers.add(Reader.rowbell(null, percent));
        if (broker != null) {
          readers.add(Reader.rowbell(broker.bootstrapServers(), percent));
        }
      }
      System.out.printf(
          "| reader | rows/s | CPU s per 1M | peak RSS MB | walsender CPU s per 1M |%n|---|---|---|---|---|%n");
      for (int run = 1; run <= runs; run++) {
        for (Reader reader : readers) {
          print(reader, measure(reader, server));
        }
      }
    } catch (SQLException | IOException e) {
      throw new IllegalStateException("the benchmark broke: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void print(Reader reader, Run run) {
    double millions = changes / 1e6;
    System.out.printf(
        Locale.ROOT,
        "| %s | %,.0f | %.1f | %.0f | %.1f |%n",
        reader.name(),
        changes / run.seconds(),
        run.reader().cpuSeconds() / millions,
        run.reader().peakMegabytes(),
        run.walsenderSeconds() / millions);
  }

  private int slots;

  private Run measure(Reader reader, PostgresServer server)
      throws SQLException, IOException, InterruptedException {
    String slot = "bench_" + ++slots;
    server.execute(
        Workload.DATABASE,
        "SELECT pg_copy_logical_replication_slot('%s', '%s')"
            .formatted(Workload.MASTER_SLOT, slot));
    // Beyond the last change, so that confirming it means that every change was handled.
    String end =
        server.queryOne(
            Workload.DATABASE, "SELECT pg_logical_emit_message(false, 'bench.end', 'x')::text");
    Path directory = Files.createTempDirectory("rowbell-bench");
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(reader.command(server, slot, directory))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    try {
      awaitConfirmed(server, slot, String.valueOf(end), process, directory.resolve("log"));
      double seconds = (System.nanoTime() - start) / 1e9;
      Usage usage = Usage.of(process.pid());
      String walsender =
          server.queryOne(
              Workload.DATABASE,
              "SELECT coalesce(active_pid, 0)::text FROM pg_replication_slots WHERE slot_name = '"
                  + slot
                  + "'");
      double serverSeconds =
          walsender == null || walsender.equals("0")
              ? Double.NaN
              : Usage.of(Long.parseLong(walsender)).cpuSeconds();
      return new Run(seconds, usage, serverSeconds);
    } finally {
      process.destroyForcibly().waitFor();
      dropSlot(server, slot);
      remove(directory);
    }
  }

  private static void awaitConfirmed(
      PostgresServer server, String slot, String end, Process process, Path log)
      throws SQLException, IOException, InterruptedException {
    String question =
        "SELECT (confirmed_flush_lsn >= '%s')::text FROM pg_replication_slots WHERE slot_name = '%s'"
            .formatted(end, slot);
    long deadline = System.nanoTime() + LONGEST.toNanos();
    while (!"true".equals(server.queryOne(Workload.DATABASE, question))) {
      if (process.waitFor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)
          || deadline - System.nanoTime() < 0) {
        throw new IllegalStateException(
            "the reader did not reach the end:\n" + Files.readString(log));
      }
    }
  }

  /** The server may need a moment to notice that the reader is gone. */
  private static void dropSlot(PostgresServer server, String slot)
      throws SQLException, InterruptedException {
    String active =
        "SELECT coalesce(bool_or(active), false)::text FROM pg_replication_slots WHERE slot_name = '"
            + slot
            + "'";
    CountDownLatch never = new CountDownLatch(1);
    while ("true".equals(server.queryOne(Workload.DATABASE, active))
        && !never.await(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
      server.query(
          Workload.DATABASE,
          "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '"
              + slot
              + "' AND active");
    }
    server.execute(Workload.DATABASE, "SELECT pg_drop_replication_slot('" + slot + "')");
  }

  private static void remove(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(directory)) {
      files = tree.sorted(java.util.Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
