package io.rowbell.examples.benchmarks;

import io.rowbell.examples.benchmarks.Measurements.Measure;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How fast readers drain the same committed changes, and what it costs them. Each reader gets a
 * copy of the slot; a run lasts from the start of its process until the slot's copy is confirmed to
 * the end. Readers take turns.
 */
@Command(
    name = "drain",
    mixinStandardHelpOptions = true,
    description = "Drains the same changes with every reader, and with 1 to 1,000 rules.")
final class Drain extends Benchmark {
  private static final String ROWS = "rows/s";
  private static final String WARM_ROWS = "rows/s, second half";
  private static final String CPU = "CPU s per 1M";
  private static final String WARM_CPU = "CPU s per 1M, second half";

  private static final int[] RULES = {1, 10, 100, 1000};

  @Option(
      names = "--changes",
      description = "How many (default: ${DEFAULT-VALUE}).",
      defaultValue = "1000000")
  private int changes;

  @Option(
      names = "--runs",
      description = "How often each reader runs, in turn (default: ${DEFAULT-VALUE}).",
      defaultValue = "3")
  private int runs;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description = "Only readers in whose name this is found; 'sqlite, 1 %%$' for one of them.")
  private Pattern only = Pattern.compile("");

  @Option(names = "--no-kafka", description = "Leave the Kafka journal out.")
  private boolean withoutKafka;

  @Option(names = "--no-rules", description = "Leave the runs with 1 to 1,000 rules out.")
  private boolean withoutRules;

  @Option(
      names = "--debezium-server",
      paramLabel = "DIR",
      description = "Its unpacked distribution; left out otherwise.")
  private @Nullable Path debeziumServer;

  /** How often each reader runs. */
  void repeat(int times) {
    runs = times;
  }

  @Override
  void measure(Report report) throws SQLException, IOException, InterruptedException {
    try (PostgresServer server =
            PostgresServer.embedded()
                .with("max_wal_senders", "20")
                .with("max_replication_slots", "60")
                .with("max_wal_size", "8GB")
                .start();
        KafkaBroker broker = withoutKafka ? null : DebeziumServer.broker()) {
      System.err.printf("writing %,d changes ...%n", changes);
      String middle = new Workload(server, changes).write();
      DrainRun drain = new DrainRun(server, middle, broker == null ? 0 : broker.pid());
      readers(report, drain, broker);
      if (!withoutRules) {
        rules(report, drain);
      }
    }
  }

  private void readers(Report report, DrainRun drain, @Nullable KafkaBroker broker)
      throws SQLException, IOException, InterruptedException {
    Measurements measured = run(drain, readers(broker), "reader");
    report
        .heading("Draining %,d changes".formatted(changes))
        .add(
            """
            A fifth inserts of 1,000 rows a transaction, three tenths one-row updates, half updates of 50,000 rows a transaction; \
            REPLICA IDENTITY FULL; written before the readers start, who each drain a copy of one slot, in turn, %d times. \
            Medians, with the lowest and the highest. The first half is warm-up where a column says so; the others \
            count from the start of the process. "Besides" is how many processors were busy with something else.
            """
                .formatted(runs))
        .add(measured.table())
        .picture(
            "rows", "rows a second by reader", BarChart.of("rows a second", measured, WARM_ROWS))
        .picture(
            "cpu",
            "CPU seconds per million rows by reader",
            BarChart.of("reader's CPU seconds per million rows", measured, WARM_CPU));
    if (!Double.isNaN(measured.median(Reader.NO_OP_DEBEZIUM, ROWS))) {
      report
          .add("As ratios to the Debezium engine whose handler does nothing:\n")
          .add(measured.ratios(Reader.NO_OP_DEBEZIUM, ROWS, WARM_ROWS, CPU, WARM_CPU));
    }
  }

  private List<Reader> readers(@Nullable KafkaBroker broker) throws IOException {
    List<Reader> readers = new ArrayList<>();
    Reader.pgRecvlogical().ifPresent(readers::add);
    readers.add(Reader.noOpDebezium());
    for (int percent : new int[] {1, 10, 100}) {
      RowbellReader rowbell = RowbellReader.firing(percent);
      readers.add(rowbell);
      readers.add(rowbell.overUnixSocket());
      if (broker != null) {
        readers.add(rowbell.intoKafka(broker.bootstrapServers()));
      }
    }
    readers.add(RowbellReader.filtered(Workload.onePercentOfKeys(changes)));
    if (broker != null && debeziumServer != null) {
      DebeziumServer peer = new DebeziumServer(debeziumServer.toAbsolutePath());
      readers.add(peer.reader(broker.bootstrapServers(), true));
      readers.add(peer.reader(broker.bootstrapServers(), false));
    }
    readers.removeIf(reader -> !only.matcher(reader.name()).find());
    return readers;
  }

  private void rules(Report report, DrainRun drain)
      throws SQLException, IOException, InterruptedException {
    List<Reader> readers = new ArrayList<>();
    for (RuleKind kind : RuleKind.values()) {
      for (int count : RULES) {
        readers.add(kind.reader(count));
      }
    }
    Measurements measured = run(drain, readers, "rules");
    report
        .heading("The same with 1 to 1,000 rules")
        .add("Of all rules, one fires, for 1 % of the updates. SQLite journal.\n")
        .add(measured.table())
        .add("As ratios to one rule:\n")
        .add(measured.ratios(RuleKind.CONSTANT.reader(1).name(), ROWS, WARM_ROWS, CPU, WARM_CPU));
  }

  private Measurements run(DrainRun drain, List<Reader> readers, String subject)
      throws SQLException, IOException, InterruptedException {
    Measurements measured =
        new Measurements(
            subject,
            new Measure(ROWS, 0),
            new Measure(WARM_ROWS, 0),
            new Measure(CPU, 1),
            new Measure(WARM_CPU, 1),
            new Measure("walsender CPU s per 1M", 1),
            new Measure("broker CPU s per 1M", 1),
            new Measure("peak RSS MB", 0),
            new Measure("besides", 2));
    double millions = changes / 1e6;
    for (int run = 1; run <= runs; run++) {
      for (Reader reader : readers) {
        System.err.printf("run %d of %d: %s ...%n", run, runs, reader.name());
        DrainRun.Result result = drain.of(reader);
        measured.add(
            reader.name(),
            changes / result.seconds(),
            changes / 2.0 / result.warmSeconds(),
            result.end().reader().cpuSeconds() / millions,
            result.warmCpuSeconds() / (millions / 2),
            result.walsender() / millions,
            result.brokerSeconds() / millions,
            result.end().reader().peakMegabytes(),
            result.besides());
      }
    }
    return measured;
  }
}
