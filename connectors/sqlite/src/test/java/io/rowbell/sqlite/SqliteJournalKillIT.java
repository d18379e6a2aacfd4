package io.rowbell.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Position;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.testkit.JavaProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteJournalKillIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int KILLS = 8;

  private final SqliteJournalFactory factory = new SqliteJournalFactory();

  @TempDir Path directory;

  @Test
  void whateverIsKilledWhenAllThatWasAppendedIsThereAndNothingIsHalf() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    Path file = directory.resolve("journal.db");
    int last = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      int acknowledged = appendUntilKilled(file, 1 + random.nextInt(150));
      try (Journal journal = open(file)) {
        last = assertWhole(journal.resume(), acknowledged, seed);
      }
      assertThat(events(file))
          .as("seed %s", seed)
          .isEqualTo(
              IntStream.rangeClosed(1, last)
                  .boxed()
                  .flatMap(n -> Appender.events(n).stream())
                  .toList());
      List<DeadLetter> letters = new ArrayList<>();
      factory.readDeadLetters(
          Appender.settings(file), Appender.context(file), letter -> true, 1 << 20, letters::add);
      assertThat(letters)
          .as("seed %s", seed)
          .isEqualTo(IntStream.rangeClosed(1, last).mapToObj(Appender::deadLetter).toList());
    }
    assertThat(last).isGreaterThanOrEqualTo(KILLS);
  }

  /**
   * @return the last batch whose append had returned before the kill
   */
  private int appendUntilKilled(Path file, int appends) throws InterruptedException {
    try (JavaProcess appender =
        JavaProcess.of(Appender.class).jvm("-Xmx64m").args(file.toString()).start()) {
      for (int i = 0; i < appends; i++) {
        appender.awaitLine("appended", SOON);
      }
      appender.kill();
      List<String> lines = appender.output();
      String acknowledged = lines.get(lines.size() - 1);
      return Integer.parseInt(acknowledged.substring(acknowledged.lastIndexOf(' ') + 1));
    }
  }

  private static int assertWhole(Resume resume, int acknowledged, long seed) {
    Checkpoint checkpoint = resume.checkpoint();
    int n = checkpoint == null ? 0 : (int) checkpoint.position().lsn();
    // The one after the last that was acknowledged may have become durable, too.
    assertThat(n).as("seed %s", seed).isBetween(acknowledged, acknowledged + 1);
    assertThat(checkpoint).isEqualTo(Checkpoint.at(new Position(n)));
    byte[] state = resume.state().get("n");
    assertThat(state).isEqualTo(Integer.toString(n).getBytes(StandardCharsets.UTF_8));
    return n;
  }

  private Journal open(Path file) throws JournalException {
    return factory.open(Appender.settings(file), Appender.context(file));
  }

  private List<DomainEvent> events(Path file) throws Exception {
    try (EventReader reader = factory.openReader(Appender.settings(file), Appender.context(file))) {
      List<DomainEvent> events = new ArrayList<>();
      while (!reader.caughtUp()) {
        reader.poll(1_000, SOON).stream().map(Entry::event).forEach(events::add);
      }
      return events;
    }
  }

  @Test
  void aSecondProcessIsRefusedUntilTheFirstIsGoneButMayRead() throws Exception {
    Path file = directory.resolve("journal.db");
    try (JavaProcess appender =
        JavaProcess.of(Appender.class).jvm("-Xmx64m").args(file.toString()).start()) {
      appender.awaitLine("appended", SOON);
      assertThatThrownBy(() -> open(file))
          .isInstanceOfSatisfying(
              JournalException.class,
              e -> assertThat(e.kind()).isEqualTo(JournalException.Kind.UNAVAILABLE))
          .hasMessageContaining("process " + appender.pid());
      try (EventReader reader =
          factory.openReader(Appender.settings(file), Appender.context(file))) {
        int read = 0;
        for (int i = 0; i < 5; i++) {
          List<Entry> entries = reader.poll(10_000, SOON);
          assertThat(entries).isNotEmpty();
          read += entries.size();
          appender.awaitLine("appended", SOON);
        }
        assertThat(read).isGreaterThan(Appender.SIZE);
      }
      appender.suspend();
      assertThatThrownBy(() -> open(file)).isInstanceOf(JournalException.class);
      appender.kill();
      open(file).close();
    }
  }
}
