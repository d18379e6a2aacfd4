package io.rowbell.examples.benchmarks;

import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Lets a reader drain a copy of the slot, and watches what it costs. Used by one thread. */
final class DrainRun {
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final long LOOK_EVERY_MILLIS = 20;
  private static final long PATIENCE_SECONDS = 10;

  /** How many lines of a reader's output are shown if it breaks. */
  private static final int LINES = 20;

  private final PostgresServer server;
  private final String middle;
  private final long broker;
  private int slots;

  /**
   * @param middle the LSN from which on readers are taken to be warm
   * @param broker the process of the Kafka broker; 0 if there is none
   */
  DrainRun(PostgresServer server, String middle, long broker) {
    this.server = server;
    this.middle = middle;
    this.broker = broker;
  }

  /**
   * A moment of a run.
   *
   * @param nanos when
   * @param reader what its process has used until then
   * @param broker CPU seconds of the broker
   * @param machine CPU seconds of all processes
   */
  record Moment(long nanos, Usage reader, double broker, double machine) {}

  /**
   * What one run was like.
   *
   * @param walsender CPU seconds of the server's process
   */
  record Result(Moment start, Moment warm, Moment end, double walsender) {
    double seconds() {
      return (end.nanos() - start.nanos()) / 1e9;
    }

    double warmSeconds() {
      return (end.nanos() - warm.nanos()) / 1e9;
    }

    double warmCpuSeconds() {
      return end.reader().cpuSeconds() - warm.reader().cpuSeconds();
    }

    double brokerSeconds() {
      return end.broker() - start.broker();
    }

    /** How many processors something else kept busy: all but reader, walsender and broker. */
    double besides() {
      double ours = end.reader().cpuSeconds() + brokerSeconds() + walsender;
      return (end.machine() - start.machine() - ours) / seconds();
    }
  }

  Result of(Reader reader) throws SQLException, IOException, InterruptedException {
    String slot = "bench_" + ++slots;
    server.execute(
        Workload.DATABASE,
        "SELECT pg_copy_logical_replication_slot('%s', '%s')"
            .formatted(Workload.MASTER_SLOT, slot));
    // Beyond the last change, so that confirming it means that every change was handled.
    String last = Workload.mark(server);
    Path directory = Files.createTempDirectory("rowbell-bench");
    Path log = directory.resolve("log");
    List<String> command = reader.command(server, slot, directory);
    Moment start = new Moment(System.nanoTime(), new Usage(0, 0), brokerSeconds(), busy());
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      Moment warm = awaitConfirmed(slot, middle, process, log);
      Moment end = awaitConfirmed(slot, last, process, log);
      return new Result(start, warm, end, walsenderSeconds(slot));
    } finally {
      end(process);
      dropSlot(slot);
      remove(directory);
    }
  }

  /** In good order, so that what a profiler recorded is written. */
  private static void end(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  private Moment awaitConfirmed(String slot, String place, Process process, Path log)
      throws SQLException, IOException, InterruptedException {
    String question =
        "SELECT (confirmed_flush_lsn >= '%s')::text FROM pg_replication_slots WHERE slot_name = '%s'"
            .formatted(place, slot);
    long deadline = System.nanoTime() + LONGEST.toNanos();
    while (!"true".equals(server.queryOne(Workload.DATABASE, question))) {
      if (process.waitFor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)
          || deadline - System.nanoTime() < 0) {
        throw new IllegalStateException(
            "the reader did not reach " + place + ":\n" + lastLines(log));
      }
    }
    return new Moment(System.nanoTime(), Usage.of(process.pid()), brokerSeconds(), busy());
  }

  private static String lastLines(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
  }

  private double brokerSeconds() throws IOException {
    return broker == 0 ? 0 : Usage.of(broker).cpuSeconds();
  }

  private static double busy() throws IOException {
    return Machine.busySeconds();
  }

  private double walsenderSeconds(String slot) throws SQLException, IOException {
    String pid =
        server.queryOne(
            Workload.DATABASE,
            "SELECT active_pid::text FROM pg_replication_slots WHERE slot_name = '" + slot + "'");
    return pid == null ? Double.NaN : Usage.of(Long.parseLong(pid)).cpuSeconds();
  }

  /** The server may need a moment to notice that the reader is gone. */
  private void dropSlot(String slot) throws SQLException {
    String of = " FROM pg_replication_slots WHERE active AND slot_name = '" + slot + "'";
    while (!"0".equals(server.queryOne(Workload.DATABASE, "SELECT count(*)::text" + of))) {
      server.query(Workload.DATABASE, "SELECT pg_terminate_backend(active_pid)" + of);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MILLIS));
    }
    server.execute(Workload.DATABASE, "SELECT pg_drop_replication_slot('" + slot + "')");
  }

  static void remove(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(directory)) {
      files = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
