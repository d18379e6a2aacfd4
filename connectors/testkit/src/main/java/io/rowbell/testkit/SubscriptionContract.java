package io.rowbell.testkit;

import static io.rowbell.testkit.Samples.TOPIC;
import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.deadLetter;
import static io.rowbell.testkit.Samples.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalFactory;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.ParkedKey;
import io.rowbell.spi.Subscription.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a journal promises its readers and subscribers: the second half of {@link JournalContract}.
 *
 * @param <S> the journal's settings
 */
public abstract class SubscriptionContract<S extends Record> {
  SubscriptionContract() {}

  static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;

  /** The factory under test. */
  protected abstract JournalFactory<S> factory();

  /** Settings of a journal that does not exist yet: new for each test, the same within one. */
  protected abstract S settings();

  /** What the factory is told besides. */
  protected AdapterContext context() {
    return new AdapterContext("contract", directory, Map.of());
  }

  /** Opens the test's journal for writing. */
  protected final Journal open() throws JournalException, InterruptedException {
    return factory().open(settings(), context());
  }

  /** Opens the test's journal for reading. */
  protected final EventReader openReader() throws JournalException, InterruptedException {
    return factory().openReader(settings(), context());
  }

  /** The dead letters of the test's journal. */
  protected final List<DeadLetter> deadLetters() throws JournalException, InterruptedException {
    return lastDeadLetters(1_000);
  }

  private List<DeadLetter> lastDeadLetters(int max) throws JournalException, InterruptedException {
    List<DeadLetter> letters = new ArrayList<>();
    factory().readDeadLetters(settings(), context(), letter -> true, max, letters::add);
    return letters;
  }

  /**
   * Polls until there are so many events.
   *
   * @throws AssertionError if they do not come in half a minute
   */
  protected static List<Entry> read(EventReader reader, int count)
      throws JournalException, InterruptedException {
    List<Entry> entries = new ArrayList<>();
    Deadline deadline = Deadline.in(PATIENCE);
    while (entries.size() < count && !deadline.passed()) {
      entries.addAll(
          reader.poll(count - entries.size(), Duration.ofNanos(deadline.remainingNanos())));
    }
    assertThat(entries).as("events read").hasSize(count);
    return entries;
  }

  /** Polls until all that was there on opening has been read. */
  protected static List<Entry> readAll(EventReader reader)
      throws JournalException, InterruptedException {
    List<Entry> entries = new ArrayList<>();
    Deadline deadline = Deadline.in(PATIENCE);
    while (!reader.caughtUp() && !deadline.passed()) {
      entries.addAll(reader.poll(1_000, Duration.ofMillis(100)));
    }
    assertThat(reader.caughtUp()).as("all was read within %s", PATIENCE).isTrue();
    return entries;
  }

  /** The events that are in the test's journal. */
  protected final List<DomainEvent> events() throws JournalException, InterruptedException {
    try (EventReader reader = openReader()) {
      return events(readAll(reader));
    }
  }

  static List<DomainEvent> events(List<Entry> entries) {
    return entries.stream().map(Entry::event).toList();
  }

  static Progress upTo(List<Entry> entries) {
    Map<String, Long> next = new HashMap<>();
    entries.forEach(entry -> next.merge(entry.partition(), entry.offset() + 1, Math::max));
    return new Progress(next, List.of(), Set.of());
  }

  // Readers

  @Test
  void aReaderWithoutAJournalIsRefused() {
    assertThatThrownBy(this::openReader).isInstanceOf(JournalException.class);
    assertThatThrownBy(this::deadLetters).isInstanceOf(JournalException.class);
  }

  @Test
  void aReaderReadsBesideTheWriterAndSeesWholeAppendsOnly() throws Exception {
    int appends = 60;
    int size = 50;
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Journal journal = open()) {
      journal.append(batch(1, event("A", "k", -1)));
      Future<Void> writing =
          thread.submit(
              () -> {
                for (int i = 0; i < appends; i++) {
                  int from = i * size;
                  journal.append(
                      batch(
                          i + 2,
                          IntStream.range(from, from + size)
                              .mapToObj(n -> event("A", "k", n))
                              .toList()));
                }
                return null;
              });
      while (!writing.isDone()) {
        // All have one key, so they are in one partition, and what is there on opening is whole.
        assertThat((events().size() - 1) % size).isZero();
      }
      writing.get();
      assertThat(events()).hasSize(1 + appends * size);
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void aReaderIsCaughtUpOnceItHasReadWhatWasThere() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(1, event("A", "k", 1), event("A", "k", 2)));
      try (EventReader reader = openReader()) {
        assertThat(reader.caughtUp()).isFalse();
        journal.append(batch(2, event("A", "k", 3)));
        assertThat(readAll(reader).size()).isBetween(2, 3);
        read(reader, 0);
      }
      assertThat(journal.status().lag()).isEmpty();
    }
  }

  // Subscriptions

  @Test
  void aNewCursorBeginsWithTheOldestEventOrWithTheNext() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(1, event("A", "k", 1)));
      try (Subscription earliest = journal.subscribe("earliest", Set.of(), Start.EARLIEST);
          Subscription latest = journal.subscribe("latest", Set.of(), Start.LATEST)) {
        assertThat(latest.caughtUp()).isTrue();
        journal.append(batch(2, event("A", "k", 2)));
        assertThat(events(read(earliest, 2)))
            .containsExactly(event("A", "k", 1), event("A", "k", 2));
        assertThat(events(read(latest, 1))).containsExactly(event("A", "k", 2));
      }
    }
  }

  @Test
  void aCursorIsKeptFromTheMomentItIsMade() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(1, event("A", "k", 1)));
      journal.subscribe("s", Set.of(), Start.LATEST).close();
      journal.append(batch(2, event("A", "k", 2)));
    }
    try (Journal journal = open();
        Subscription subscription = journal.subscribe("s", Set.of(), Start.LATEST)) {
      assertThat(events(read(subscription, 1))).containsExactly(event("A", "k", 2));
    }
  }

  @Test
  void aCursorGoesOnWhereItWasCommitted() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(1, event("A", "k", 1), event("A", "k", 2), event("A", "k", 3)));
      try (Subscription subscription = journal.subscribe("s", Set.of(), Start.EARLIEST)) {
        List<Entry> entries = read(subscription, 3);
        subscription.commit(upTo(entries.subList(0, 1)));
        assertThat(subscription.poll(10, Duration.ZERO)).as("goes on after the last").isEmpty();
      }
    }
    try (Journal journal = open()) {
      try (Subscription subscription = journal.subscribe("s", Set.of(), Start.LATEST)) {
        List<Entry> again = read(subscription, 2);
        assertThat(events(again)).containsExactly(event("A", "k", 2), event("A", "k", 3));
        subscription.commit(upTo(again));
      }
      try (Subscription subscription = journal.subscribe("s", Set.of(), Start.EARLIEST)) {
        assertThat(subscription.caughtUp()).isTrue();
        assertThat(subscription.poll(10, Duration.ZERO)).isEmpty();
        journal.append(batch(2, event("A", "k", 4)));
        assertThat(events(read(subscription, 1))).containsExactly(event("A", "k", 4));
      }
    }
  }

  @Test
  void aSubscriberGetsTheTypesItAskedFor() throws Exception {
    try (Journal journal = open();
        Subscription some = journal.subscribe("some", Set.of("B", "Ç"), Start.EARLIEST);
        Subscription none = journal.subscribe("none", Set.of("D"), Start.EARLIEST)) {
      journal.append(
          batch(
              1,
              event("A", "k", 1),
              event("B", "k", 2),
              event("A", "k", 3),
              event("Ç", "k", 4),
              event("A", "k", 5)));
      List<Entry> entries = read(some, 2);
      assertThat(events(entries)).containsExactly(event("B", "k", 2), event("Ç", "k", 4));
      some.commit(upTo(entries));
      assertThat(none.poll(10, Duration.ofMillis(200))).isEmpty();
    }
    try (Journal journal = open();
        Subscription some = journal.subscribe("some", Set.of("B", "Ç"), Start.EARLIEST)) {
      assertThat(readAll(some)).isEmpty();
    }
  }

  @Test
  void subscribersDoNotKnowOfEachOther() throws Exception {
    try (Journal journal = open();
        Subscription fast = journal.subscribe("fast", Set.of(), Start.EARLIEST);
        Subscription slow = journal.subscribe("slow é€😀", Set.of(), Start.EARLIEST)) {
      journal.append(batch(1, event("A", "k", 1), event("A", "k", 2)));
      fast.commit(upTo(read(fast, 2)));
      fast.commit(new Progress(Map.of(), List.of(), Set.of(new ParkedKey(TOPIC, "k"))));
      assertThat(slow.parkedKeys()).isEmpty();
      assertThat(events(read(slow, 2))).containsExactly(event("A", "k", 1), event("A", "k", 2));
    }
  }

  @Test
  void whatWasGivenUpIsKeptWithTheCursor() throws Exception {
    Set<ParkedKey> parked = Set.of(new ParkedKey(TOPIC, "k é€😀"), new ParkedKey(TOPIC, null));
    DeadLetter letter = deadLetter("s", "k é€😀", 1);
    DeadLetter withoutKey = deadLetter("s", null, 2);
    try (Journal journal = open();
        Subscription subscription = journal.subscribe("s", Set.of(), Start.EARLIEST)) {
      journal.append(batch(1, event("A", "k é€😀", 1), event("A", null, 2)));
      List<Entry> entries = read(subscription, 2);
      assertThat(subscription.parkedKeys()).isEmpty();
      subscription.commit(
          new Progress(upTo(entries).nextOffsets(), List.of(letter, withoutKey), parked));
      assertThat(subscription.parkedKeys()).isEqualTo(parked);
      subscription.commit(
          new Progress(Map.of(), List.of(), Set.of(new ParkedKey("another.topic", "x"))));
      assertThat(deadLetters()).containsExactly(letter, withoutKey);
    }
    try (Journal journal = open();
        Subscription subscription = journal.subscribe("s", Set.of(), Start.EARLIEST)) {
      assertThat(subscription.parkedKeys())
          .containsAll(parked)
          .contains(new ParkedKey("another.topic", "x"))
          .hasSize(3);
      assertThat(readAll(subscription)).isEmpty();
    }
    assertThat(deadLetters()).containsExactly(letter, withoutKey);
    assertThat(lastDeadLetters(1)).containsExactly(withoutKey);
    assertThat(factory().listDeadLetters(settings(), context(), all -> true, 9))
        .containsExactly(letter.withoutPayload(), withoutKey.withoutPayload());
    assertThat(factory().listDeadLetters(settings(), context(), all -> true, 1))
        .containsExactly(withoutKey.withoutPayload());
  }

  @Test
  void aPollTakesNoMoreThanItIsAskedFor() throws Exception {
    try (Journal journal = open();
        Subscription subscription = journal.subscribe("s", Set.of(), Start.EARLIEST)) {
      journal.append(batch(1, event("A", "k", 1), event("A", "k", 2), event("A", "k", 3)));
      List<Entry> entries = new ArrayList<>();
      Deadline deadline = Deadline.in(PATIENCE);
      while (entries.size() < 3 && !deadline.passed()) {
        List<Entry> polled = subscription.poll(2, Duration.ofSeconds(1));
        assertThat(polled).hasSizeLessThanOrEqualTo(2);
        entries.addAll(polled);
      }
      assertThat(events(entries))
          .containsExactly(event("A", "k", 1), event("A", "k", 2), event("A", "k", 3));
    }
  }

  @Test
  void aPollEndsWithTheEventThatReachesItsBytes() throws Exception {
    List<DomainEvent> events =
        IntStream.range(0, 8).mapToObj(n -> event("A", "k", n, largeData(100_000))).toList();
    long two = 2 * events.get(0).heapBytes();
    try (Journal journal = open();
        Subscription subscription = journal.subscribe("s", Set.of(), Start.EARLIEST);
        EventReader reader = open(journal, events)) {
      List<Entry> entries = new ArrayList<>();
      Deadline deadline = Deadline.in(PATIENCE);
      for (long bytes : new long[] {1, two, two - 1, Long.MAX_VALUE}) {
        for (EventReader from : List.of(subscription, reader)) {
          List<Entry> polled = from.poll(10, bytes, Duration.ofNanos(deadline.remainingNanos()));
          assertThat(polled).as("at most %d bytes", bytes).isNotEmpty();
          assertThat(heapBytes(polled.subList(0, polled.size() - 1))).isLessThan(bytes);
          entries.addAll(from == subscription ? polled : List.of());
        }
      }
      entries.addAll(read(subscription, events.size() - entries.size()));
      assertThat(events(entries)).isEqualTo(events);
    }
  }

  /** Beside the journal, which is given these events before. */
  private EventReader open(Journal journal, List<DomainEvent> events) throws Exception {
    journal.append(batch(1, events));
    return openReader();
  }

  /** JSON of so many bytes, which are easy to compress. */
  static EventData largeData(int bytes) {
    return EventData.ofJson("\"" + "x".repeat(bytes - 2) + "\"");
  }

  private static long heapBytes(List<Entry> entries) {
    return entries.stream().mapToLong(entry -> entry.event().heapBytes()).sum();
  }

  @Test
  void aPollWaitsForTheNextEventAndNotLonger() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Journal journal = open();
        Subscription subscription = journal.subscribe("s", Set.of(), Start.EARLIEST)) {
      assertThat(subscription.poll(10, Duration.ZERO)).isEmpty();
      assertThat(subscription.poll(10, Duration.ofMillis(50))).isEmpty();
      Callable<List<Entry>> waitForOne = () -> read(subscription, 1);
      Future<List<Entry>> waiting = thread.submit(waitForOne);
      journal.append(batch(1, event("A", "k", 1)));
      assertThat(events(waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)))
          .containsExactly(event("A", "k", 1));
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void aPollIsInterrupted() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Journal journal = open();
        Subscription subscription = journal.subscribe("s", Set.of(), Start.EARLIEST)) {
      Future<String> waiting =
          thread.submit(
              () -> {
                try {
                  subscription.poll(1, PATIENCE);
                  return "returned";
                } catch (InterruptedException e) {
                  return "interrupted";
                }
              });
      thread.shutdownNow();
      assertThat(waiting.get(PATIENCE.toSeconds() / 2, TimeUnit.SECONDS)).isEqualTo("interrupted");
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void theStatusTellsHowFarSubscribersAre() throws Exception {
    try (Journal journal = open();
        Subscription behind = journal.subscribe("behind", Set.of(), Start.EARLIEST);
        Subscription done = journal.subscribe("done", Set.of(), Start.EARLIEST)) {
      journal.append(batch(1, event("A", "k", 1), event("A", "k", 2), event("A", "k", 3)));
      done.commit(upTo(read(done, 3)));
      done.commit(new Progress(Map.of(), List.of(), Set.of(new ParkedKey(TOPIC, "k"))));
      behind.commit(upTo(read(behind, 1)));
      Deadline deadline = Deadline.in(PATIENCE);
      while (!journal.status().lag().equals(Map.of("behind", 2L, "done", 0L))
          || !journal.status().parkedKeys().equals(Map.of("behind", 0, "done", 1))) {
        if (deadline.passed()) {
          fail("the status stays " + journal.status());
        }
        deadline.pause();
      }
    }
  }

  @Test
  void closingTwiceIsClosing() throws Exception {
    Journal journal = open();
    Subscription subscription = journal.subscribe("s", Set.of(), Start.EARLIEST);
    subscription.close();
    subscription.close();
    journal.close();
    journal.close();
    open().close();
  }
}
