package io.rowbell.examples.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.language.Outcome;
import io.rowbell.language.RuleSet;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.Position;
import io.rowbell.postgres.RecordedTransaction;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Batch;
import io.rowbell.spi.ByteSize;
import io.rowbell.spi.CloudEventJson;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.SourceException;
import io.rowbell.sqlite.SqliteJournalFactory;
import io.rowbell.sqlite.SqliteSettings;
import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a change goes through before and behind the rules, and work that no change of ours makes
 * slower.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Steps {
  private static final int BATCH = 500;
  private static final int WORDS = 64;

  /** Made by JMH. */
  public Steps() {}

  /** One event. */
  @State(Scope.Thread)
  public static class OneEvent {
    private final DomainEvent event = new Firing().next();

    /** Made by JMH. */
    public OneEvent() {}
  }

  /** A SQLite journal of its own, and the next batch for it. */
  @State(Scope.Thread)
  public static class Appending {
    private final Firing firing = new Firing();
    private @Nullable Path directory;
    private @Nullable Journal journal;
    private @Nullable Batch batch;

    /** Made by JMH. */
    public Appending() {}

    /** Makes the journal. */
    @Setup
    public void open() throws IOException, JournalException, InterruptedException {
      directory = Files.createTempDirectory("rowbell-append");
      journal =
          new SqliteJournalFactory()
              .open(
                  new SqliteSettings(
                      directory.resolve("journal.db"), Duration.ofDays(7), ByteSize.parse("10GiB")),
                  new AdapterContext("append", directory, Map.of()));
    }

    /** Makes a batch of events that the journal has not seen. */
    @Setup(Level.Invocation)
    public void next() {
      List<DomainEvent> events = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        events.add(firing.next());
      }
      batch =
          new Batch(
              events,
              List.of(),
              List.of(),
              Stocks.DATABASE,
              Checkpoint.at(new Position(firing.position)));
    }

    /** Deletes the journal. */
    @TearDown
    public void close() throws IOException {
      if (journal != null) {
        journal.close();
      }
      if (directory != null) {
        try (Stream<Path> files = Files.list(directory)) {
          for (Path file : files.toList()) {
            Files.delete(file);
          }
        }
        Files.delete(directory);
      }
    }
  }

  /** A rule that fires for each change, of which each has a position of its own. */
  private static final class Firing {
    private final RuleSet rules =
        Stocks.rules("  - {event: Traded, on: insert stocks, data: {id, symbol, price, status}}");
    private final Memory memory = new Memory();
    private long position = Stocks.POSITION;

    DomainEvent next() {
      position += 100;
      List<Outcome> outcomes =
          rules.evaluate(Stocks.inserted(position, Stocks.row(position, "99.50", "OPEN")), memory);
      if (outcomes.size() == 1 && outcomes.get(0) instanceof Outcome.Event fired) {
        return fired.event();
      }
      throw new IllegalStateException("the rule did not fire once but gave " + outcomes);
    }
  }

  /** Work of the JDK's alone, of the kinds that ours is made of: what the others compare with. */
  @Benchmark
  public int reference() {
    Map<String, BigDecimal> prices = new HashMap<>();
    StringBuilder text = new StringBuilder();
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = 0; i < WORDS; i++) {
      String word = Integer.toString(i * 7919);
      prices.put(word, new BigDecimal(word + ".25"));
      sum = sum.add(prices.getOrDefault(word, sum));
      text.append('"').append(word).append("\":").append(sum.toPlainString());
    }
    return prices.size() + text.toString().getBytes(UTF_8).length;
  }

  /** A transaction from the log. */
  @State(Scope.Thread)
  public static class Decoding {
    private @Nullable RecordedTransaction transaction;

    /** Made by JMH. */
    public Decoding() {}

    /** Records it. */
    @Setup
    public void record() throws SQLException, SourceException {
      try (PostgresServer server = PostgresServer.start()) {
        transaction = RecordedTransaction.of(server, BATCH);
      }
    }
  }

  /** Five hundred updates from pgoutput to changes, every value of both rows read. */
  @Benchmark
  public int decode(Decoding state) throws SourceException {
    if (state.transaction == null) {
      throw new IllegalStateException("JMH has not set this up");
    }
    return state.transaction.decode();
  }

  /** An event as one JSON document. */
  @Benchmark
  public EventData serialise(OneEvent state) {
    return CloudEventJson.of(state.event);
  }

  /** Five hundred events made durable in the SQLite journal in one transaction. */
  @Benchmark
  public void append(Appending state) throws JournalException, InterruptedException {
    if (state.journal == null || state.batch == null) {
      throw new IllegalStateException("JMH has not set this up");
    }
    state.journal.append(state.batch);
  }
}
