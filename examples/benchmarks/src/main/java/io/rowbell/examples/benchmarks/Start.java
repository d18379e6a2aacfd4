package io.rowbell.examples.benchmarks;

import io.rowbell.engine.Engine;
import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.examples.benchmarks.Measurements.Measure;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.JournalException;
import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long {@code rowbell run} takes from the start of its process until the event of a row that
 * was committed before is durable, and how much memory it holds once it has nothing to do.
 */
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    description = "Measures start to first event, and memory at rest.")
final class Start extends Benchmark {
  private static final String DATABASE = "start";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Option(
      names = "--runs",
      description = "How often it is started (default: ${DEFAULT-VALUE}).",
      defaultValue = "7")
  private int runs;

  @Option(
      names = "--rest",
      description = "Seconds at rest before memory is looked at (default: ${DEFAULT-VALUE}).",
      defaultValue = "20")
  private int rest;

  @Override
  void measure(Report report) throws SQLException, IOException, InterruptedException {
    Measurements measured =
        new Measurements(
            "what",
            new Measure("start to first event, s", 2),
            new Measure("CPU s until then", 2),
            new Measure("RSS at rest, MB", 0));
    try (PostgresServer server = PostgresServer.start()) {
      server.createDatabase(DATABASE);
      server.execute(DATABASE, "CREATE TABLE ticks (id bigint PRIMARY KEY, note text)");
      Path directory = Files.createTempDirectory("rowbell-start");
      Path file = configure(server, directory);
      Engine.from(ConfigLoader.load(file)).prepareDatabase();
      awaitArchive();
      int events = 0;
      List<Way> ways = new ArrayList<>(List.of(Way.PLAIN, Way.ARCHIVE));
      if (Runtime.version().feature() >= Way.TRAINED_SINCE) {
        ways.add(Way.TRAINED);
        train(server, file, ++events);
      }
      for (int run = 1; run <= runs; run++) {
        System.err.printf("start %d of %d ...%n", run, runs);
        for (Way way : ways) {
          insert(server, ++events);
          long began = System.nanoTime();
          Process process = process(file, way);
          try {
            double seconds = firstEvent(file, events, began, process);
            double cpu = Usage.of(process.pid()).cpuSeconds();
            // Memory is looked at once: waiting for rest takes long.
            double resident = Double.NaN;
            if (run == runs) {
              process.waitFor(rest, TimeUnit.SECONDS);
              resident = Usage.residentMegabytes(process.pid());
            }
            measured.add("rowbell run, sqlite, " + way.words, seconds, cpu, resident);
          } finally {
            process.destroy();
            process.waitFor();
          }
        }
      }
    }
    report
        .heading("Start and memory")
        .add(
            "From the start of the process until the event of a row that was there is durable; memory %d s later.\n"
                .formatted(rest))
        .add(measured.table());
  }

  /** What Java may have from earlier. */
  private enum Way {
    PLAIN("nothing of before"),
    ARCHIVE("the launcher's archive of classes"),
    /** Java's own, with profiles of methods: what the archive could be replaced by. */
    TRAINED("Java's AOT cache of a run with this database");

    /** The first version of Java that makes such a cache in one run. */
    static final int TRAINED_SINCE = 25;

    final String words;

    Way(String words) {
      this.words = words;
    }
  }

  private static void insert(PostgresServer server, int id) throws SQLException {
    server.execute(DATABASE, "INSERT INTO ticks VALUES (%d, 'tick')".formatted(id));
  }

  /** A run in which Java notes what the cache is made of at its end. */
  private static void train(PostgresServer server, Path file, int events)
      throws SQLException, IOException, InterruptedException {
    insert(server, events);
    long began = System.nanoTime();
    Process process = process(file, Way.PLAIN, "-XX:AOTCacheOutput=" + cache(file));
    firstEvent(file, events, began, process);
    process.destroy();
    process.waitFor();
    if (!Files.exists(cache(file))) {
      throw new IllegalStateException("Java made no AOT cache");
    }
  }

  private static Path cache(Path file) {
    return file.resolveSibling("trained.aot");
  }

  private static double firstEvent(Path file, int events, long start, Process process)
      throws InterruptedException {
    EngineConfig config = ConfigLoader.load(file);
    while (System.nanoTime() - start < PATIENCE.toNanos() && process.isAlive()) {
      if (Files.exists(file.resolveSibling("journal.db"))) {
        int seen = 0;
        try (EventReader reader = config.journal().openReader(config.context())) {
          while (seen < events && process.isAlive()) {
            seen += reader.poll(100, Duration.ofMillis(5)).size();
          }
          return (System.nanoTime() - start) / 1e9;
        } catch (JournalException e) {
          // It is being made; asked again.
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
    throw new IllegalStateException("no event came");
  }

  /** The launcher's first start has one made in the background. */
  private static void awaitArchive() throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String loaded = "";
    while (!loaded.contains("io.rowbell.engine.cli.Main source: shared objects file")) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("no archive of classes was made");
      }
      ProcessBuilder version = launcher(true, "version").redirectError(Redirect.INHERIT);
      version.environment().put("ROWBELL_JAVA_OPTS", "-Xlog:class+load");
      Process process = version.start();
      loaded = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
    }
  }

  private static Process process(Path file, Way way) throws IOException {
    return process(file, way, way == Way.TRAINED ? "-XX:AOTCache=" + cache(file) : "");
  }

  private static Process process(Path file, Way way, String options) throws IOException {
    ProcessBuilder builder = launcher(way == Way.ARCHIVE, "run", "--config", file.toString());
    builder.environment().put("ROWBELL_JAVA_OPTS", options);
    return builder
        .redirectErrorStream(true)
        .redirectOutput(file.resolveSibling("log").toFile())
        .start();
  }

  /** What users start, which becomes the engine's process, on the Java that this runs on. */
  private static ProcessBuilder launcher(boolean archive, String... args) {
    List<String> command = new ArrayList<>(List.of("../../rowbell"));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("ROWBELL_CLASS_ARCHIVE", archive ? "on" : "off");
    return builder;
  }

  private static Path configure(PostgresServer server, Path directory) throws IOException {
    Files.writeString(
        directory.resolve("rules.yaml"),
        "rules: v1\ntriggers:\n  - {event: Tick, on: insert ticks, data: {id, note}}\n");
    return Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        name: start
        source:
          postgres: {host: %s, port: %d, database: %s, user: %s, password: "%s"}
        rules: [rules.yaml]
        journal: {sqlite: {file: journal.db}}
        """
            .formatted(server.host(), server.port(), DATABASE, server.user(), server.password()));
  }
}
