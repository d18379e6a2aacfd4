package io.rowbell.examples.demo;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.rowbell.engine.Engine;
import io.rowbell.engine.cli.Subcommand;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The main job in one command, with nothing installed: PostgreSQL, rules, events. */
@Command(
    name = "demo",
    description =
        "Shows a small stock market: PostgreSQL, rules and alerts as they happen, with nothing installed.",
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Subcommand {
  private static final String DATABASE = "market";
  private static final String TOPIC = "market.stocks";
  private static final Duration TICK = Duration.ofMillis(40);
  private static final Duration SETTLE = Duration.ofSeconds(10);

  @Spec private CommandSpec spec;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      description =
          "How long the market is open, for example 30s or 2m (default: ${DEFAULT-VALUE}).",
      defaultValue = "30s",
      converter = DurationConverter.class)
  private Duration time;

  @Option(
      names = "--kafka",
      description =
          "Keep the events in Kafka: starts a broker, and shows what an independent read_committed consumer gets.")
  private boolean kafka;

  @Option(
      names = "--seed",
      description = "The market's chance (default: ${DEFAULT-VALUE}).",
      defaultValue = "7")
  private long seed;

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description = "Keep rules, configuration and journal in this directory, which is made.")
  private @Nullable Path keep;

  /** Made by the command line. */
  public DemoCommand() {}

  @Override
  public Integer call() throws Exception {
    refuseUsed();
    hushLogs();
    PrintWriter out = spec.commandLine().getOut();
    Path directory =
        keep == null ? Files.createTempDirectory("rowbell-demo") : Files.createDirectories(keep);
    try {
      return show(directory, out);
    } finally {
      if (keep == null) {
        remove(directory);
      }
    }
  }

  /** The journal of another market, or somebody's own configuration, is not written over. */
  private void refuseUsed() throws IOException {
    if (keep != null && Files.exists(keep)) {
      try (Stream<Path> files = Files.list(keep)) {
        if (files.findAny().isPresent()) {
          throw new ParameterException(
              spec.commandLine(),
              "--keep: there is something in '" + keep + "' already: name another directory");
        }
      }
    }
  }

  private int show(Path directory, PrintWriter out) throws Exception {
    say(out, "starting PostgreSQL" + (kafka ? " and Kafka" : "") + " ...");
    try (PostgresServer postgres = PostgresServer.embedded().start();
        KafkaBroker broker = kafka ? KafkaBroker.start() : null) {
      postgres.createDatabase(DATABASE);
      postgres.execute(DATABASE, resource("schema.sql"));
      Files.writeString(directory.resolve("market.yaml"), resource("market.yaml"));
      Path file = directory.resolve("rowbell.yaml");
      Files.writeString(file, configuration(postgres, broker));
      Engine.Builder engine = Engine.from(file);
      for (String statement : engine.prepareDatabase()) {
        say(out, "once, as rowbell check --apply does: " + statement);
      }
      say(out, "the rules" + (keep == null ? "" : ", in " + keep.resolve("market.yaml")) + ":\n");
      out.println(resource("market.yaml").indent(4));
      return trade(postgres, broker, engine, out);
    }
  }

  private int trade(
      PostgresServer postgres,
      @Nullable KafkaBroker broker,
      Engine.Builder builder,
      PrintWriter out)
      throws SQLException, InterruptedException {
    AlertPrinter printer =
        new AlertPrinter(out, spec.commandLine().getColorScheme().ansi(), InstantSource.system());
    if (broker == null) {
      builder.on(
          "demo",
          Set.of(),
          event -> printer.accept(new Alert(event.type(), event.data().toString(), event.time())));
    }
    try (Engine engine = builder.start();
        TopicWatcher watcher =
            broker == null ? null : new TopicWatcher(broker.bootstrapServers(), TOPIC, printer);
        Market market = new Market(postgres.connect(DATABASE), seed)) {
      engine.awaitReady(SETTLE);
      say(out, "the market is open for " + time.toSeconds() + " s; alerts:\n");
      run(market, engine);
      printer.await(market.expectedAlerts(), SETTLE);
      engine.failure().ifPresent(why -> out.println(why.getMessage()));
      return summary(market, printer, watcher != null, out);
    }
  }

  private void run(Market market, Engine engine) throws SQLException, InterruptedException {
    CountDownLatch bell = new CountDownLatch(1);
    long end = System.nanoTime() + time.toNanos();
    while (end - System.nanoTime() > 0 && engine.failure().isEmpty()) {
      market.step();
      if (bell.await(TICK.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    }
  }

  private int summary(Market market, AlertPrinter printer, boolean fromKafka, PrintWriter out) {
    int alerts = printer.latencies().count();
    out.println();
    say(
        out,
        "%,d transactions committed and %,d rolled back; %d alerts ought to come of them, %d came%s"
            .formatted(
                market.committed(),
                market.rolledBack(),
                market.expectedAlerts(),
                alerts,
                fromKafka ? " through Kafka" : ""));
    say(out, "from commit to alert: " + printer.latencies().summary());
    if (keep != null && !fromKafka) {
      say(out, "read them again: rowbell events --config " + keep.resolve("rowbell.yaml"));
    }
    return alerts == market.expectedAlerts() ? 0 : 1;
  }

  private String configuration(PostgresServer postgres, @Nullable KafkaBroker broker) {
    String journal =
        broker == null
            ? "sqlite: {file: journal.db}"
            : "kafka: {bootstrap: \"" + broker.bootstrapServers() + "\"}";
    return """
        name: demo
        source:
          postgres: {host: %s, port: %d, database: %s, user: %s, password: "%s"}
        rules: [market.yaml]
        journal: {%s}
        """
        .formatted(
            postgres.host(),
            postgres.port(),
            DATABASE,
            postgres.user(),
            postgres.password(),
            journal);
  }

  /** The demo says by itself what is going on; what fails ends the engine and is printed then. */
  private static void hushLogs() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logs) {
      logs.getLoggerList().forEach(logger -> logger.setLevel(Level.ERROR));
    }
  }

  private static void say(PrintWriter out, String line) {
    out.println("demo: " + line);
    out.flush();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = DemoCommand.class.getResourceAsStream("/demo/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the demo's jar lacks " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void remove(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(directory)) {
      files = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
