package io.rowbell.testkit;

import static io.rowbell.testkit.Samples.DATABASE;
import static io.rowbell.testkit.Samples.TOPIC;
import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.deadLetter;
import static io.rowbell.testkit.Samples.event;
import static io.rowbell.testkit.Samples.stateBatch;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.Position;
import io.rowbell.spi.Batch;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.StateChange;
import io.rowbell.spi.Subscription;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Journal} promises. A journal's test extends this and says how one is made.
 *
 * <p>What a contract cannot do, the adapter's own tests must: kill the process within an append,
 * lose the server within an append, fill the disk.
 *
 * @param <S> the journal's settings
 */
public abstract class JournalContract<S extends Record> extends DecisionContract<S> {
  private static StateChange state(String name, String value) {
    return new StateChange(name, value.getBytes(UTF_8));
  }

  // The position and what rules remember

  @Test
  void aNewJournalHoldsNothing() throws Exception {
    try (Journal journal = open()) {
      assertThat(journal.resume()).isEqualTo(Resume.NEW);
    }
    try (Journal journal = open()) {
      assertThat(journal.resume()).isEqualTo(Resume.NEW);
    }
    assertThat(events()).isEmpty();
    assertThat(deadLetters()).isEmpty();
  }

  @Test
  void itCanBeLookedAtBesideItsWriterAndWithoutOne() throws Exception {
    assertThat(factory().peek(settings(), context())).isEmpty();
    Checkpoint checkpoint = Checkpoint.at(new Position(7));
    try (Journal journal = open()) {
      assertThat(factory().peek(settings(), context())).contains(Resume.NEW);
      journal.append(
          new Batch(List.of(), List.of(), List.of(state("a", "1")), DATABASE, checkpoint));
      assertResume(peek(), checkpoint, Map.of("a", "1"));
      // Its writer was neither fenced nor held up.
      journal.append(batch(8, event("A", "k", 1)));
    }
    assertResume(peek(), Checkpoint.at(new Position(8)), Map.of("a", "1"));
  }

  @Test
  void whatIsLookedAtBesideItsWriterIsOneMoment() throws Exception {
    int looks = 40;
    int size = 50;
    AtomicBoolean enough = new AtomicBoolean();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Journal journal = open()) {
      journal.append(stateBatch(1, states(size, 1)));
      Future<Void> writing =
          thread.submit(
              () -> {
                for (long i = 2; !enough.get(); i++) {
                  journal.append(stateBatch(i, states(size, i)));
                }
                return null;
              });
      for (int i = 0; i < looks; i++) {
        Resume seen = peek();
        String position = Long.toString(Objects.requireNonNull(seen.checkpoint()).position().lsn());
        assertThat(seen.state()).hasSize(size);
        assertThat(seen.state().values())
            .allSatisfy(value -> assertThat(new String(value, UTF_8)).isEqualTo(position));
      }
      enough.set(true);
      writing.get();
    } finally {
      enough.set(true);
      thread.shutdownNow();
    }
  }

  private static StateChange[] states(int count, long value) {
    return IntStream.range(0, count)
        .mapToObj(i -> state("s" + i, Long.toString(value)))
        .toArray(StateChange[]::new);
  }

  private Resume peek() throws JournalException, InterruptedException {
    return factory().peek(settings(), context()).orElseThrow();
  }

  @Test
  void eventsStateDeadLettersAndPositionAreThereAfterReopening() throws Exception {
    DomainEvent event = event("OrderPaid", "7", 1);
    DeadLetter letter = deadLetter(null, null, 2);
    Checkpoint checkpoint = Checkpoint.at(Position.parse("FFFFFFFF/16B3748"));
    Batch batch =
        new Batch(
            List.of(event),
            List.of(letter),
            List.of(state("rule/a/é€😀", "1")),
            DATABASE,
            checkpoint);
    try (Journal journal = open()) {
      journal.append(batch);
      assertResume(journal.resume(), checkpoint, Map.of("rule/a/é€😀", "1"));
    }
    try (Journal journal = open()) {
      assertResume(journal.resume(), checkpoint, Map.of("rule/a/é€😀", "1"));
    }
    assertThat(events()).containsExactly(event);
    assertThat(deadLetters()).containsExactly(letter);
  }

  private static void assertResume(
      Resume resume, Checkpoint checkpoint, Map<String, String> state) {
    assertThat(resume.database()).isEqualTo(DATABASE);
    assertThat(resume.checkpoint()).isEqualTo(checkpoint);
    Map<String, String> found = new HashMap<>();
    resume.state().forEach((name, value) -> found.put(name, new String(value, UTF_8)));
    assertThat(found).isEqualTo(state);
  }

  @Test
  void stateIsReplacedByANewValueAndForgottenByNull() throws Exception {
    try (Journal journal = open()) {
      journal.append(
          stateBatch(1, state("a", "1"), state("b", "1"), state("c", ""), state("d", "1")));
      journal.append(stateBatch(2, state("a", "2"), StateChange.forget("b")));
      // The last one of a batch counts.
      journal.append(stateBatch(3, state("d", "2"), StateChange.forget("d"), state("d", "3")));
      journal.append(stateBatch(4, StateChange.forget("never there")));
      assertResume(
          journal.resume(), Checkpoint.at(new Position(4)), Map.of("a", "2", "c", "", "d", "3"));
    }
    try (Journal journal = open()) {
      assertResume(
          journal.resume(), Checkpoint.at(new Position(4)), Map.of("a", "2", "c", "", "d", "3"));
    }
  }

  @Test
  void stateIsAnyBytes() throws Exception {
    byte[] bytes = new byte[256];
    IntStream.range(0, 256).forEach(i -> bytes[i] = (byte) i);
    try (Journal journal = open()) {
      journal.append(stateBatch(1, new StateChange("bytes", bytes)));
    }
    try (Journal journal = open()) {
      assertThat(journal.resume().state().get("bytes")).isEqualTo(bytes);
    }
  }

  @Test
  void aStateOfTheLargestSizeIsKept() throws Exception {
    String name = "rule/" + "r".repeat(100) + "/" + "€".repeat(200);
    byte[] largest;
    try (Journal journal = open()) {
      assertThat(journal.largestState()).isEqualTo(Journal.STATE_BYTES);
      assertThat(factory().largestState(settings(), context())).isEqualTo(Journal.STATE_BYTES);
      largest = new byte[journal.largestState()];
      // Nothing that a journal could compress.
      new Random(1).nextBytes(largest);
      journal.append(stateBatch(1, new StateChange(name, largest)));
    }
    try (Journal journal = open()) {
      assertThat(journal.resume().state().get(name)).isEqualTo(largest);
    }
  }

  @Test
  void anEmptyBatchMovesThePositionAndNothingElse() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(1, event("A", "k", 1)));
      journal.append(batch(2));
    }
    try (Journal journal = open()) {
      assertResume(journal.resume(), Checkpoint.at(new Position(2)), Map.of());
    }
    assertThat(events()).hasSize(1);
  }

  @Test
  void aCheckpointMayLieWithinATransaction() throws Exception {
    Checkpoint within = new Checkpoint(new Position(5), 0xFFFF_FFFFL, 5_000);
    Checkpoint further = new Checkpoint(new Position(5), 0xFFFF_FFFFL, 10_000);
    try (Journal journal = open()) {
      journal.append(batch(5));
      journal.append(new Batch(List.of(), List.of(), List.of(), DATABASE, within));
    }
    try (Journal journal = open()) {
      assertResume(journal.resume(), within, Map.of());
      journal.append(new Batch(List.of(), List.of(), List.of(), DATABASE, further));
    }
    try (Journal journal = open()) {
      assertResume(journal.resume(), further, Map.of());
      journal.append(batch(6));
      assertResume(journal.resume(), Checkpoint.at(new Position(6)), Map.of());
    }
  }

  @Test
  void theSamePositionMayBeAppendedAgain() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(5, event("A", "k", 1)));
      journal.append(batch(5, event("A", "k", 2)));
    }
    assertThat(events()).hasSize(2);
  }

  @Test
  void aPositionThatMovesBackIsRefusedAndLeavesNothing() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(-5, event("A", "k", 1)));
      assertRefused(journal, batch(9, event("A", "k", 2)));
    }
    assertNothingCameOfIt(Checkpoint.at(new Position(-5)));
  }

  @Test
  void aPositionWithinATransactionDoesNotMoveBackEither() throws Exception {
    Checkpoint within = new Checkpoint(new Position(5), 771, 5_000);
    try (Journal journal = open()) {
      journal.append(
          new Batch(List.of(event("A", "k", 1)), List.of(), List.of(), DATABASE, within));
      assertRefused(journal, batch(5, event("A", "k", 2)));
    }
    assertNothingCameOfIt(within);
  }

  @Test
  void anotherDatabaseIsRefusedAndLeavesNothing() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(5, event("A", "k", 1)));
      assertRefused(
          journal,
          new Batch(
              List.of(event("A", "k", 2)),
              List.of(deadLetter(null, "k", 3)),
              List.of(state("a", "1")),
              new DatabaseId("7599999999999999999", DATABASE.database()),
              Checkpoint.at(new Position(6))));
    }
    assertNothingCameOfIt(Checkpoint.at(new Position(5)));
  }

  private static void assertRefused(Journal journal, Batch batch) {
    assertThatThrownBy(() -> journal.append(batch))
        .isInstanceOfSatisfying(
            JournalException.class,
            e -> assertThat(e.kind()).isEqualTo(JournalException.Kind.FATAL));
  }

  private void assertNothingCameOfIt(Checkpoint checkpoint) throws Exception {
    try (Journal journal = open()) {
      assertResume(journal.resume(), checkpoint, Map.of());
    }
    assertThat(events()).containsExactly(event("A", "k", 1));
    assertThat(deadLetters()).isEmpty();
  }

  @Test
  void thereIsOneWriter() throws Exception {
    try (Journal first = open()) {
      first.append(batch(1, event("A", "k", 1)));
      try (Journal second = open()) {
        second.append(batch(2, event("A", "k", 2)));
        assertThatThrownBy(() -> first.append(batch(3, event("A", "k", 3))))
            .isInstanceOfSatisfying(
                JournalException.class,
                e -> assertThat(e.kind()).isEqualTo(JournalException.Kind.FENCED));
        second.append(batch(4, event("A", "k", 4)));
      } catch (JournalException refused) {
        // Whoever does not fence the first refuses the second.
        first.append(batch(2, event("A", "k", 2)));
        first.append(batch(4, event("A", "k", 4)));
      }
    }
    assertThat(events())
        .containsExactly(event("A", "k", 1), event("A", "k", 2), event("A", "k", 4));
  }

  // Events

  @Test
  void anEventComesBackAsItWas() throws Exception {
    List<DomainEvent> events =
        List.of(
            new DomainEvent(
                Samples.id(1),
                "/shop/öffentlich.\"Aufträge\"",
                "AuftragBezahlt",
                17,
                "schlüssel é€😀 'quoted' \n",
                Instant.parse("1999-12-31T23:59:59.999999Z"),
                TOPIC,
                Map.of("rule", "r", "txid", "771", "note", "é€😀, \"x\"=1"),
                EventData.ofJson("{\"é€😀\": [1.10, null, \"a\\u0000b\"],  \"spaced\" : true}")),
            event("NoKey", null, 2),
            event("EmptyKey", "", 3),
            event("JustNull", "k", 4, EventData.ofJson("null")));
    try (Journal journal = open()) {
      journal.append(batch(1, events));
      try (Subscription subscription = journal.subscribe("s", Set.of(), Start.EARLIEST)) {
        assertThat(events(read(subscription, 4))).containsExactlyInAnyOrderElementsOf(events);
      }
    }
    assertThat(events()).containsExactlyInAnyOrderElementsOf(events);
  }

  @Test
  void largeEventsAndLargeBatchesAreKeptWhole() throws Exception {
    String large = "\"" + "é".repeat(100_000) + "\"";
    List<DomainEvent> many =
        IntStream.range(0, 20_000).mapToObj(i -> event("A", "k" + i % 100, i)).toList();
    try (Journal journal = open()) {
      journal.append(batch(1, event("Large", "l", -1, EventData.ofJson(large))));
      journal.append(batch(2, many));
    }
    List<DomainEvent> events = new ArrayList<>(events());
    assertThat(events.removeIf(event -> event.data().toString().equals(large))).isTrue();
    assertThat(events).containsExactlyInAnyOrderElementsOf(many);
  }

  @Test
  void aReaderMayBeginWithWhatIsAppendedFromNowOn() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(1, event("A", "k", 1)));
      try (EventReader reader = factory().openReader(settings(), context(), Journal.Start.LATEST)) {
        assertThat(reader.caughtUp()).isTrue();
        journal.append(batch(2, event("A", "k", 2), event("A", "k", 3)));
        assertThat(read(reader, 2))
            .extracting(Entry::event)
            .containsExactly(event("A", "k", 2), event("A", "k", 3));
        assertThat(reader.isOvertaken()).isFalse();
      }
    }
  }

  @Test
  void aReaderThatLooksAheadHasCaughtUpOnceItIsThere() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(1, event("A", "k", 1)));
      try (EventReader reader = factory().openReader(settings(), context(), Journal.Start.LATEST)) {
        reader.lookAhead();
        assertThat(readAll(reader)).isEmpty();
        journal.append(batch(2, event("A", "k", 2)));
        reader.lookAhead();
        assertThat(reader.caughtUp()).isFalse();
        assertThat(readAll(reader)).extracting(Entry::event).containsExactly(event("A", "k", 2));
      }
    }
  }

  @Test
  void eventsOfOneKeyAreInTheOrderOfTheirAppends() throws Exception {
    try (Journal journal = open()) {
      for (int i = 0; i < 20; i++) {
        int from = i * 10;
        journal.append(
            batch(
                i + 1,
                IntStream.range(from, from + 10)
                    .mapToObj(n -> event("A", "key" + n % 3, n))
                    .toList()));
      }
    }
    try (EventReader reader = openReader()) {
      List<Entry> entries = readAll(reader);
      assertThat(entries).hasSize(200);
      Map<String, DomainEvent> lastOfKey = new HashMap<>();
      Map<String, Long> lastOfPartition = new HashMap<>();
      Map<String, String> partitionOfKey = new HashMap<>();
      for (Entry entry : entries) {
        String key = String.valueOf(entry.event().key());
        DomainEvent before = lastOfKey.put(key, entry.event());
        if (before != null) {
          assertThat(entry.event().time()).isAfter(before.time());
        }
        assertThat(entry.offset())
            .isGreaterThan(lastOfPartition.getOrDefault(entry.partition(), -1L));
        lastOfPartition.put(entry.partition(), entry.offset());
        assertThat(partitionOfKey.merge(key, entry.partition(), (old, now) -> old))
            .isEqualTo(entry.partition());
      }
    }
  }
}
