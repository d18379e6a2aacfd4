package io.rowbell.examples.benchmarks;

import io.rowbell.language.RuleSet;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Position;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Batch;
import io.rowbell.spi.ByteSize;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.StateChange;
import io.rowbell.sqlite.SqliteJournalFactory;
import io.rowbell.sqlite.SqliteSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What a million remembered keys take: in the SQLite journal, on the heap, and of a start. Run it
 * with a heap of 2 GB.
 */
@Command(
    name = "state-size",
    mixinStandardHelpOptions = true,
    description = "Measures what rules with a memory take, by key.")
public final class StateSize implements Runnable {
  private static final List<Kind> KINDS =
      List.of(
          new Kind(
              "last",
              "  - {event: Moved, on: update stocks, when: price > last.price, data: {id}}"),
          new Kind(
              "while",
              "  - {event: Halted, on: stocks, while: status == 'HALTED', for: 30d, data: {id, price}}"),
          new Kind(
              "window",
              "  - {event: Busy, on: insert stocks, when: \"avg_over(price, '1d') > 1000\", data: {id}}"));
  private static final int BATCH = 20_000;

  private record Kind(String name, String rule) {}

  @Option(
      names = "--keys",
      description = "How many keys (default: ${DEFAULT-VALUE}).",
      defaultValue = "1000000")
  private int keys;

  /** Made by the command line. */
  public StateSize() {}

  /** Runs the benchmark. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new StateSize()).execute(args));
  }

  @Override
  public void run() {
    System.out.printf(
        "| rule | keys | journal, bytes a key | heap, bytes a key | open journal, s | recall, s | CPU of both, s |%n"
            + "|---|---|---|---|---|---|---|%n");
    for (Kind kind : KINDS) {
      try {
        measure(kind.name, Stocks.rules(kind.rule));
      } catch (IOException | JournalException e) {
        throw new IllegalStateException("the benchmark broke: " + e.getMessage(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void measure(String kind, RuleSet rules)
      throws IOException, JournalException, InterruptedException {
    Path directory = Files.createTempDirectory("rowbell-state");
    SqliteSettings settings =
        new SqliteSettings(
            directory.resolve("journal.db"), Duration.ofDays(7), ByteSize.parse("10GiB"));
    AdapterContext context = new AdapterContext("state", directory, Map.of());
    SqliteJournalFactory factory = new SqliteJournalFactory();
    try (Journal journal = factory.open(settings, context)) {
      fill(rules, journal);
    }
    long file = Files.size(settings.file());
    long before = heap();
    double usedBefore = Usage.of(ProcessHandle.current().pid()).cpuSeconds();
    long start = System.nanoTime();
    try (Journal journal = factory.open(settings, context)) {
      long opened = System.nanoTime();
      Memory memory = rules.recall(journal.resume().state());
      long recalled = System.nanoTime();
      double used = Usage.of(ProcessHandle.current().pid()).cpuSeconds() - usedBefore;
      long after = heap();
      System.out.printf(
          Locale.ROOT,
          "| %s | %,d | %d | %d | %.1f | %.1f | %.1f |%n",
          kind,
          keys,
          file / keys,
          (after - before) / keys,
          (opened - start) / 1e9,
          (recalled - opened) / 1e9,
          used);
      // Asked last, so that the memory was there when the heap was looked at.
      if (memory.size() != keys) {
        throw new IllegalStateException(memory.size() + " keys are remembered, not " + keys);
      }
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(StateSize::delete);
    }
  }

  private void fill(RuleSet rules, Journal journal) throws JournalException, InterruptedException {
    Memory memory = rules.recall(Map.of());
    for (int key = 0; key < keys; key += BATCH) {
      for (int i = key; i < Math.min(keys, key + BATCH); i++) {
        rules.evaluate(
            Stocks.inserted(
                Stocks.START.plusNanos(i * 1000L), Stocks.row(i + 1_000_000L, "101.25", "HALTED")),
            memory);
      }
      List<StateChange> state = new ArrayList<>();
      memory.takeChanges().forEach((name, value) -> state.add(new StateChange(name, value)));
      journal.append(
          new Batch(
              List.of(), List.of(), state, Stocks.DATABASE, Checkpoint.at(new Position(key + 1L))));
    }
  }

  private static long heap() {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }

  private static void delete(Path path) {
    if (!path.toFile().delete()) {
      throw new IllegalStateException("cannot delete " + path);
    }
  }
}
