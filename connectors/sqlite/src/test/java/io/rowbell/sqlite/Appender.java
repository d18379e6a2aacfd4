package io.rowbell.sqlite;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Position;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Batch;
import io.rowbell.spi.ByteSize;
import io.rowbell.spi.Journal;
import io.rowbell.spi.StateChange;
import io.rowbell.testkit.Samples;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A process that appends batch after batch, and says so after each, until it is killed. Batch n
 * brings the journal to position n, sets the state {@code n}, and holds events and one dead letter.
 */
final class Appender {
  static final int SIZE = 37;

  private Appender() {}

  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[0]);
    try (Journal journal = new SqliteJournalFactory().open(settings(file), context(file))) {
      Checkpoint checkpoint = journal.resume().checkpoint();
      long n = checkpoint == null ? 0 : checkpoint.position().lsn();
      System.out.println("open at " + n);
      while (true) {
        n++;
        journal.append(batch((int) n));
        System.out.println("appended " + n);
      }
    }
  }

  static SqliteSettings settings(Path file) {
    return new SqliteSettings(file, Duration.ofDays(7), ByteSize.parse("1GiB"));
  }

  static AdapterContext context(Path file) {
    return new AdapterContext("appender", file.resolveSibling("."), Map.of());
  }

  static Batch batch(int n) {
    return new Batch(
        events(n),
        List.of(deadLetter(n)),
        List.of(new StateChange("n", Integer.toString(n).getBytes(StandardCharsets.UTF_8))),
        Samples.DATABASE,
        Checkpoint.at(new Position(n)));
  }

  static List<DomainEvent> events(int n) {
    return IntStream.range(n * SIZE, (n + 1) * SIZE)
        .mapToObj(i -> Samples.event("A", "k" + i % 5, i))
        .toList();
  }

  static DeadLetter deadLetter(int n) {
    return Samples.deadLetter(null, "k", n);
  }
}
