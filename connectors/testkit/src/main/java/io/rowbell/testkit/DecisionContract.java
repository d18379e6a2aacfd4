package io.rowbell.testkit;

import static io.rowbell.testkit.Samples.TOPIC;
import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.deadLetter;
import static io.rowbell.testkit.Samples.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DeadLetter.Delivery;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.model.Position;
import io.rowbell.spi.Act;
import io.rowbell.spi.Batch;
import io.rowbell.spi.CursorRange;
import io.rowbell.spi.Decision;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.SubscriberRecord;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.ParkedKey;
import io.rowbell.spi.Subscription.Progress;
import io.rowbell.spi.Subscription.Redelivered;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What a journal promises to people who decide about subscribers and dead letters: a part of {@link
 * JournalContract}.
 *
 * @param <S> the journal's settings
 */
public abstract class DecisionContract<S extends Record> extends SubscriptionContract<S> {
  private static final Instant NOW = Instant.parse("2026-11-21T18:00:00.000001Z");
  private static final ParkedKey KEY = new ParkedKey(TOPIC, "k é/€ 😀");

  DecisionContract() {}

  private static Act act(String what) {
    return new Act(NOW, "ada@é host", "s é", what, "because 'é€😀'\nof that");
  }

  private Subscription subscribe(Journal journal) throws JournalException {
    return journal.subscribe("s é", Set.of(), Start.EARLIEST);
  }

  private static DomainEvent keyed(int number) {
    return event("A", KEY.key(), number);
  }

  private static List<DeadLetter> deadLetters(Subscription subscription, ParkedKey key)
      throws JournalException, InterruptedException {
    return subscription.deadLetters(key, 9, Long.MAX_VALUE);
  }

  private static DeadLetter letter(Entry entry, String code, int attempts) {
    return letter(entry, code, attempts, EventData.ofJson("{}"));
  }

  private static DeadLetter letter(Entry entry, String code, int attempts, EventData payload) {
    DomainEvent event = entry.event();
    return new DeadLetter(
        event.id(),
        "s é",
        "OrderPaid",
        event.topic(),
        event.key(),
        event.time(),
        code,
        "no: " + code,
        payload,
        new Delivery(entry.partition(), entry.offset(), attempts, NOW, NOW));
  }

  private static List<DeadLetter> letters(List<Entry> entries) {
    return entries.stream().map(entry -> letter(entry, "X503", 0)).toList();
  }

  private static CursorRange range(Subscription subscription, String partition)
      throws JournalException, InterruptedException {
    return Objects.requireNonNull(subscription.ranges().get(partition), partition);
  }

  private static Progress redelivered(Redelivered redelivered) {
    return new Progress(Map.of(), List.of(), Set.of(), redelivered);
  }

  /** Appends three events of one key, which become dead letters of the subscriber. */
  private List<Entry> giveUp(Journal journal, Subscription subscription)
      throws JournalException, InterruptedException {
    journal.append(batch(1, keyed(1), keyed(2), keyed(3)));
    List<Entry> entries = read(subscription, 3);
    subscription.commit(new Progress(upTo(entries).nextOffsets(), letters(entries), Set.of(KEY)));
    return entries;
  }

  @Test
  void aForgottenSubscriberBeginsAnew() throws Exception {
    List<Entry> entries;
    try (Journal journal = open()) {
      journal.append(batch(1, keyed(1), keyed(2)));
      try (Subscription subscription = subscribe(journal)) {
        entries = read(subscription, 2);
        subscription.commit(new Progress(upTo(entries).nextOffsets(), List.of(), Set.of(KEY)));
        subscription.decide(new Decision.Pause(), act("pause"));
      }
      journal.forget("s é", act("forget"));
      assertThat(factory().readSubscribers(settings(), context())).isEmpty();
      try (Subscription again = subscribe(journal)) {
        assertThat(again.isPaused()).isFalse();
        assertThat(again.parkedKeys()).isEmpty();
        assertThat(read(again, 2)).isEqualTo(entries);
      }
    }
    try (Journal journal = open();
        Subscription again = subscribe(journal)) {
      assertThat(again.parkedKeys()).isEmpty();
      assertThat(read(again, 2)).isEqualTo(entries);
    }
    assertThat(factory().readActs(settings(), context(), 9))
        .containsExactly(act("pause"), act("forget"));
  }

  @Test
  void aRetriedKeyIsParkedUntilItsDeadLettersAreThrough() throws Exception {
    List<DeadLetter> letters;
    try (Journal journal = open();
        Subscription subscription = subscribe(journal)) {
      letters = letters(giveUp(journal, subscription));
      assertThat(subscription.retriedKeys()).isEmpty();
      subscription.decide(new Decision.Retry(Set.of(KEY)), act("retry"));
      assertThat(subscription.parkedKeys()).containsExactly(KEY);
      assertThat(subscription.retriedKeys()).containsExactly(KEY);
      assertThat(subscription.deadLetters(KEY, 2, Long.MAX_VALUE)).isEqualTo(letters.subList(0, 2));
      subscription.commit(redelivered(new Redelivered(letters.subList(0, 1), List.of(), Set.of())));
      assertThat(deadLetters(subscription, KEY)).isEqualTo(letters.subList(1, 3));
    }
    try (Journal journal = open();
        Subscription subscription = subscribe(journal)) {
      assertThat(subscription.parkedKeys()).containsExactly(KEY);
      assertThat(subscription.retriedKeys()).containsExactly(KEY);
      assertThat(deadLetters(subscription, KEY)).isEqualTo(letters.subList(1, 3));
      subscription.commit(
          redelivered(new Redelivered(letters.subList(1, 3), List.of(), Set.of(KEY))));
      assertThat(subscription.parkedKeys()).isEmpty();
    }
    try (Journal journal = open();
        Subscription subscription = subscribe(journal)) {
      assertThat(subscription.parkedKeys()).isEmpty();
      assertThat(subscription.retriedKeys()).isEmpty();
      assertThat(deadLetters(subscription, KEY)).isEmpty();
    }
    assertThat(deadLetters()).isEmpty();
  }

  @Test
  void deadLettersAreInTheOrderOfTheirEventsHoweverTheyCame() throws Exception {
    try (Journal journal = open();
        Subscription subscription = subscribe(journal)) {
      List<DeadLetter> letters = letters(giveUp(journal, subscription));
      // As after a crash: what was delivered already is read again and given up again.
      subscription.commit(redelivered(new Redelivered(letters.subList(0, 1), List.of(), Set.of())));
      subscription.commit(new Progress(Map.of(), letters, Set.of(KEY)));
      assertThat(deadLetters(subscription, KEY)).isEqualTo(letters);
      assertThat(subscription.deadLetters(KEY, 1, Long.MAX_VALUE)).isEqualTo(letters.subList(0, 1));
      assertThat(deadLetters(subscription, new ParkedKey(TOPIC, "other"))).isEmpty();
      List<EventId> ids = letters.stream().map(DeadLetter::id).toList();
      assertThat(subscription.deadLetterIds(KEY, 9)).isEqualTo(ids);
      assertThat(subscription.deadLetterIds(KEY, 2)).isEqualTo(ids.subList(0, 2));
      assertThat(subscription.deadLetterIds(new ParkedKey(TOPIC, "other"), 9)).isEmpty();
      assertThat(deadLetters()).containsExactlyInAnyOrderElementsOf(letters);
    }
  }

  @Test
  void readingDeadLettersEndsWithTheOneThatReachesItsBytes() throws Exception {
    try (Journal journal = open();
        Subscription subscription = subscribe(journal)) {
      journal.append(batch(1, keyed(1), keyed(2), keyed(3)));
      List<Entry> entries = read(subscription, 3);
      List<DeadLetter> letters =
          entries.stream().map(entry -> letter(entry, "X503", 0, largeData(100_000))).toList();
      subscription.commit(new Progress(upTo(entries).nextOffsets(), letters, Set.of(KEY)));
      long first = letters.get(0).heapBytes();
      assertThat(subscription.deadLetters(KEY, 9, 1)).isEqualTo(letters.subList(0, 1));
      assertThat(subscription.deadLetters(KEY, 9, first)).isEqualTo(letters.subList(0, 1));
      assertThat(subscription.deadLetters(KEY, 9, first + 1)).isEqualTo(letters.subList(0, 2));
      assertThat(subscription.deadLetters(KEY, 9, 9 * first)).isEqualTo(letters);
    }
  }

  @Test
  void whatFailsAgainKeepsItsPlaceAndSaysWhy() throws Exception {
    try (Journal journal = open();
        Subscription subscription = subscribe(journal)) {
      List<Entry> entries = giveUp(journal, subscription);
      subscription.decide(new Decision.Retry(Set.of(KEY)), act("retry"));
      DeadLetter again = letter(entries.get(0), "X502", 7);
      subscription.commit(
          new Progress(
              Map.of(),
              List.of(),
              Set.of(KEY),
              new Redelivered(List.of(), List.of(again), Set.of())));
      assertThat(subscription.parkedKeys()).containsExactly(KEY);
      assertThat(subscription.retriedKeys()).isEmpty();
      // Given up once more for a kill, it stays what it is.
      subscription.commit(new Progress(Map.of(), letters(entries), Set.of()));
      assertThat(deadLetters(subscription, KEY))
          .containsExactly(again, letters(entries).get(1), letters(entries).get(2));
    }
    assertThat(deadLetters()).extracting(DeadLetter::code).containsExactly("X502", "X503", "X503");
  }

  @Test
  void anEventWithoutKeyIsRetriedAlone() throws Exception {
    try (Journal journal = open();
        Subscription subscription = subscribe(journal)) {
      journal.append(batch(1, event("A", null, 1), event("A", null, 2)));
      List<Entry> entries = read(subscription, 2);
      List<DeadLetter> letters = letters(entries);
      subscription.commit(new Progress(upTo(entries).nextOffsets(), letters, Set.of()));
      ParkedKey alone = ParkedKey.of(letters.get(1));
      subscription.decide(new Decision.Retry(Set.of(alone)), act("retry"));
      assertThat(subscription.retriedKeys()).containsExactly(alone);
      assertThat(deadLetters(subscription, alone)).containsExactly(letters.get(1));
      assertThat(subscription.deadLetterIds(alone, 9)).containsExactly(letters.get(1).id());
      subscription.commit(
          redelivered(new Redelivered(letters.subList(1, 2), List.of(), Set.of(alone))));
      assertThat(subscription.parkedKeys()).isEmpty();
      assertThat(deadLetters()).containsExactly(letters.get(0));
    }
  }

  @Test
  void whatIsDroppedIsGoneAndNoted() throws Exception {
    DeadLetter ofRule = deadLetter(null, "k", 9);
    Act rules = new Act(NOW.plusSeconds(1), "bob", null, "drop 1", "");
    try (Journal journal = open();
        Subscription subscription = subscribe(journal)) {
      List<DeadLetter> letters = letters(giveUp(journal, subscription));
      journal.append(
          new Batch(
              List.of(),
              List.of(ofRule, deadLetter(null, "k", 10)),
              List.of(),
              Samples.DATABASE,
              Checkpoint.at(new Position(2))));
      subscription.decide(new Decision.Drop(letters.subList(0, 2), Set.of()), act("drop 2"));
      assertThat(subscription.parkedKeys()).containsExactly(KEY);
      assertThat(deadLetters(subscription, KEY)).isEqualTo(letters.subList(2, 3));
      subscription.decide(
          new Decision.Drop(List.of(letters.get(2).withoutPayload()), Set.of(KEY)),
          act("drop the last"));
      assertThat(subscription.parkedKeys()).isEmpty();
      journal.drop(List.of(ofRule), rules);
      assertThat(deadLetters()).containsExactly(deadLetter(null, "k", 10));
      assertThat(factory().readActs(settings(), context(), 9))
          .containsExactly(act("drop 2"), act("drop the last"), rules);
      // The journal goes on as it did.
      journal.append(batch(3, keyed(4)));
    }
    try (Journal journal = open();
        Subscription subscription = subscribe(journal)) {
      assertThat(subscription.parkedKeys()).isEmpty();
      assertThat(events(read(subscription, 1))).containsExactly(keyed(4));
    }
    assertThat(deadLetters()).containsExactly(deadLetter(null, "k", 10));
    assertThat(factory().readActs(settings(), context(), 1)).containsExactly(rules);
  }

  @Test
  void aPauseLastsUntilItIsEnded() throws Exception {
    try (Journal journal = open();
        Subscription subscription = subscribe(journal);
        Subscription other = journal.subscribe("other", Set.of(), Start.EARLIEST)) {
      subscription.decide(new Decision.Pause(), act("pause"));
      assertThat(subscription.isPaused()).isTrue();
      assertThat(other.isPaused()).isFalse();
    }
    try (Journal journal = open();
        Subscription subscription = subscribe(journal)) {
      assertThat(subscription.isPaused()).isTrue();
      subscription.decide(new Decision.Resume(), act("resume"));
      assertThat(subscription.isPaused()).isFalse();
    }
    try (Journal journal = open();
        Subscription subscription = subscribe(journal)) {
      assertThat(subscription.isPaused()).isFalse();
    }
  }

  @Test
  void aCursorGoesBackAndOnWithinWhatIsKept() throws Exception {
    try (Journal journal = open()) {
      List<Entry> entries;
      String partition;
      try (Subscription subscription = subscribe(journal)) {
        journal.append(batch(1, keyed(1), keyed(2), keyed(3)));
        entries = read(subscription, 3);
        partition = entries.get(0).partition();
        subscription.commit(upTo(entries));
        CursorRange range = range(subscription, partition);
        assertThat(range.oldest()).isLessThanOrEqualTo(entries.get(0).offset());
        assertThat(range.next()).isGreaterThan(entries.get(2).offset());
        assertThat(range.end()).isGreaterThanOrEqualTo(range.next());
        for (long outside : new long[] {range.oldest() - 1, range.end() + 1}) {
          assertThatThrownBy(
                  () ->
                      subscription.decide(
                          new Decision.Move(Map.of(partition, outside)), act("never")))
              .isInstanceOf(IllegalArgumentException.class);
        }
        subscription.decide(
            new Decision.Move(Map.of(partition, entries.get(1).offset())), act("rewind"));
      }
      try (Subscription subscription = subscribe(journal)) {
        assertThat(events(read(subscription, 2))).containsExactly(keyed(2), keyed(3));
        subscription.decide(
            new Decision.Move(Map.of(partition, range(subscription, partition).end())),
            act("skip"));
      }
      journal.append(batch(2, keyed(4)));
    }
    try (Journal journal = open();
        Subscription subscription = subscribe(journal)) {
      assertThat(events(read(subscription, 1))).containsExactly(keyed(4));
    }
    assertThat(factory().readActs(settings(), context(), 9))
        .containsExactly(act("rewind"), act("skip"));
  }

  @Test
  void noEventOfATimeLiesBeforeWhereItBegins() throws Exception {
    try (Journal journal = open();
        Subscription subscription = subscribe(journal)) {
      journal.append(batch(1, keyed(1), keyed(2), keyed(3)));
      List<Entry> entries = read(subscription, 3);
      Entry second = entries.get(1);
      assertThat(subscription.offsetsAt(second.event().time()).orElseThrow())
          .hasEntrySatisfying(
              second.partition(),
              offset -> assertThat(offset).isLessThanOrEqualTo(second.offset()));
      assertThat(subscription.offsetsAt(Instant.parse("2100-01-01T00:00:00Z")).orElseThrow())
          .containsEntry(second.partition(), range(subscription, second.partition()).end());
    }
  }

  @Test
  void subscribersAreSeenBesideTheWriter() throws Exception {
    assertThatThrownBy(() -> factory().readSubscribers(settings(), context()))
        .isInstanceOf(JournalException.class);
    assertThatThrownBy(() -> factory().readActs(settings(), context(), 9))
        .isInstanceOf(JournalException.class);
    try (Journal journal = open();
        Subscription subscription = subscribe(journal);
        Subscription done = journal.subscribe("done", Set.of(), Start.EARLIEST)) {
      journal.append(batch(1, keyed(1), keyed(2), keyed(3)));
      done.commit(upTo(read(done, 3)));
      List<Entry> entries = read(subscription, 3);
      subscription.commit(
          new Progress(upTo(entries.subList(0, 1)).nextOffsets(), List.of(), Set.of(KEY)));
      subscription.decide(new Decision.Retry(Set.of(KEY)), act("retry"));
      subscription.decide(new Decision.Pause(), act("pause"));
      List<SubscriberRecord> records = factory().readSubscribers(settings(), context());
      assertThat(records).extracting(SubscriberRecord::name).containsExactly("done", "s é");
      SubscriberRecord behind = records.get(1);
      assertThat(behind.lag()).isGreaterThanOrEqualTo(2);
      assertThat(behind.behindSince()).isEqualTo(keyed(2).time());
      assertThat(behind.paused()).isTrue();
      assertThat(behind.parked()).containsExactly(KEY);
      assertThat(behind.retried()).containsExactly(KEY);
      assertThat(records.get(0).lag()).isZero();
      assertThat(records.get(0).behindSince()).isNull();
      assertThat(records.get(0).paused()).isFalse();
      // Neither the writer nor the subscribers were fenced.
      subscription.commit(upTo(entries));
      journal.append(batch(2, keyed(4)));
    }
  }
}
