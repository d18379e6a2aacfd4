package io.rowbell.sqlite;

import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.spi.ByteSize;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteRetentionIT {
  private static final Duration KEEP = Duration.ofHours(1);
  private static final Duration MARK = Duration.ofMinutes(1);
  private static final Duration FOR_EVER = Duration.ofDays(10_000);

  private final SettableClock clock = new SettableClock();

  @TempDir Path directory;
  private JournalFile file;

  @BeforeEach
  void chooseFile() {
    file = new JournalFile(directory.resolve("journal.db"));
  }

  private SqliteJournal open(Duration keep, String maxSize) throws JournalException {
    return SqliteJournal.open(file, "retention", keep, ByteSize.parse(maxSize), clock);
  }

  private static List<DomainEvent> events(String type, int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> event(type, "k", i)).toList();
  }

  private long oldest() throws Exception {
    try (EventReader reader = SqliteReader.open(file, Journal.Start.EARLIEST)) {
      List<Entry> first = reader.poll(1, Duration.ZERO);
      return first.isEmpty() ? 0 : first.get(0).offset();
    }
  }

  private static void done(Subscription subscription, int count) throws Exception {
    int left = count;
    while (left > 0) {
      List<Entry> entries = subscription.poll(left, Duration.ofSeconds(10));
      left -= entries.size();
      long next = entries.get(entries.size() - 1).offset() + 1;
      subscription.commit(new Progress(Map.of("0", next), List.of(), Set.of()));
    }
  }

  @Test
  void whatIsOldAndPassedByEveryCursorGoesAndNothingElse() throws Exception {
    try (SqliteJournal journal = open(KEEP, "1GiB");
        Subscription fast = journal.subscribe("fast", Set.of(), Start.EARLIEST);
        Subscription slow = journal.subscribe("slow", Set.of(), Start.EARLIEST)) {
      journal.append(batch(1, events("A", 0, 3_000)));
      clock.advance(MARK);
      journal.tidy();
      clock.advance(KEEP);
      journal.append(batch(2, events("A", 3_000, 3_100)));
      journal.tidy();
      assertThat(oldest()).as("nobody is done with it").isEqualTo(1);
      done(fast, 3_100);
      done(slow, 1_200);
      try (EventReader reader = SqliteReader.open(file, Journal.Start.EARLIEST)) {
        assertThat(reader.poll(100, Duration.ZERO)).hasSize(100);
        assertThat(reader.isOvertaken()).isFalse();
        journal.tidy();
        assertThat(reader.poll(1, Duration.ZERO)).extracting(Entry::offset).containsExactly(1_201L);
        assertThat(reader.isOvertaken()).isTrue();
      }
      assertThat(oldest()).isEqualTo(1_201);
      assertThat(journal.status().lag()).containsEntry("slow", 1_900L).containsEntry("fast", 0L);

      done(slow, 1_900);
      journal.tidy();
      assertThat(oldest()).as("the last hundred are young").isEqualTo(3_001);
      clock.advance(KEEP.minusMillis(1));
      journal.tidy();
      assertThat(oldest()).isEqualTo(3_001);
      clock.advance(Duration.ofMillis(1));
      journal.tidy();
      assertThat(oldest()).as("none is left").isZero();
      journal.append(batch(3, events("A", 3_100, 3_101)));
      assertThat(fast.poll(10, Duration.ofSeconds(10)))
          .extracting(Entry::offset)
          .containsExactly(3_101L);
    }
    clock.advance(Duration.ofDays(1));
    try (SqliteJournal journal = open(FOR_EVER, "1GiB")) {
      assertThat(journal.status().lag()).containsEntry("slow", 1L);
      assertThat(oldest()).isEqualTo(3_101);
    }
  }

  @Test
  void eventsThatASubscriberDidNotAskForAreNotKeptForIt() throws Exception {
    try (SqliteJournal journal = open(KEEP, "1GiB");
        Subscription rare = journal.subscribe("rare", Set.of("Rare"), Start.EARLIEST)) {
      journal.append(batch(1, events("Rare", 0, 1)));
      journal.append(batch(2, events("Frequent", 1, 5_000)));
      clock.advance(MARK);
      journal.tidy();
      clock.advance(KEEP);
      journal.append(batch(3, events("Frequent", 5_000, 5_001)));
      List<Entry> polled = rare.poll(10, Duration.ZERO);
      assertThat(polled).hasSize(1);
      assertThat(rare.poll(10, Duration.ZERO)).isEmpty();
      // One was delivered and is not done yet: the cursor stays before it.
      assertThat(journal.status().lag()).containsEntry("rare", 5_001L);
      rare.commit(new Progress(Map.of("0", 2L), List.of(), Set.of()));
      journal.tidy();
      assertThat(oldest()).isEqualTo(5_001);
      assertThat(journal.status().lag()).containsEntry("rare", 0L);
      journal.append(batch(4, events("Rare", 5_001, 5_002)));
      assertThat(rare.poll(10, Duration.ofSeconds(10))).hasSize(1);
    }
  }

  private static List<DomainEvent> large(int from, int to) {
    EventData data = EventData.ofJson('"' + "x".repeat(2_000) + '"');
    return IntStream.range(from, to).mapToObj(i -> event("A", "k", i, data)).toList();
  }

  @Test
  void roomThatWasFreedIsUsedAgain() throws Exception {
    try (SqliteJournal journal = open(KEEP, "1GiB")) {
      int position = 0;
      long grown = 0;
      for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 20; i++) {
          position++;
          journal.append(batch(position, large(position * 100, position * 100 + 100)));
        }
        clock.advance(MARK);
        journal.tidy();
        clock.advance(KEEP);
        journal.tidy();
        assertThat(oldest()).isZero();
        if (round == 1) {
          grown = Files.size(file.path());
        }
      }
      assertThat(Files.size(file.path())).isLessThan(grown * 3 / 2);
    }
  }

  @Test
  void itIsDoneWithoutBeingAskedFor() throws Exception {
    try (SqliteJournal journal = open(Duration.ZERO, "1GiB")) {
      journal.append(batch(1, events("A", 0, 2_000)));
      await().until(() -> oldest() == 0);
    }
  }
}
