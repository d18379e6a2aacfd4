package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.DomainEvent;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.RetryableException;
import io.rowbell.spi.Sink;
import io.rowbell.spi.Subscription.ParkedKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubscriberTest {
  private static final RetryPolicy THREE_TIMES =
      new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(10), 0);

  private final ListSubscription journal = new ListSubscription();
  private final AtomicLong now = new AtomicLong();

  private Subscriber subscriber(RecordingSink sink, int maxInFlight) {
    return subscriber(sink, new Capacity(maxInFlight, Long.MAX_VALUE));
  }

  private Subscriber subscriber(RecordingSink sink, Capacity capacity) {
    return new Subscriber(
        "test",
        journal,
        sink,
        THREE_TIMES,
        capacity,
        now::get,
        InstantSource.fixed(Instant.EPOCH),
        new Random(1),
        new Subscriber.Stats());
  }

  private Duration step(Subscriber subscriber) throws Exception {
    return subscriber.step(Duration.ofSeconds(30), () -> false);
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 100})
  void deliversInOrderAndMovesTheCursor(int maxBatch) throws Exception {
    journal.append("A", "1").append("B", "1").append("C", "2");
    RecordingSink sink = new RecordingSink(maxBatch);
    step(subscriber(sink, 10));
    assertThat(sink.arrived()).containsExactly("A", "B", "C");
    assertThat(journal.cursor()).isEqualTo(3);
  }

  @Test
  void aFailingEventHoldsItsKeyAndNoOther() throws Exception {
    journal.append("A", "1").append("B", "2").append("C", "1").append("D", "2");
    RecordingSink sink = new RecordingSink(1).failing("A", 1);
    Subscriber subscriber = subscriber(sink, 10);
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("B", "D");
    assertThat(journal.cursor()).isZero();
    pass(Duration.ofSeconds(1));
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("B", "D", "A", "C");
    assertThat(journal.cursor()).isEqualTo(4);
  }

  @Test
  void isNotTriedAgainBeforeItsDelay() throws Exception {
    journal.append("A", "1");
    RecordingSink sink = new RecordingSink(1).failing("A", 1);
    Subscriber subscriber = subscriber(sink, 10);
    step(subscriber);
    pass(Duration.ofMillis(999));
    step(subscriber);
    assertThat(sink.arrived()).isEmpty();
    pass(Duration.ofMillis(1));
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("A");
  }

  @Test
  void whenRetriesAreUsedUpTheKeyIsParkedAndOthersFlow() throws Exception {
    journal.append("A", "1").append("B", "1").append("C", "2");
    RecordingSink sink = new RecordingSink(1).failing("A", 99);
    Subscriber subscriber = subscriber(sink, 10);
    for (int i = 0; i < 4; i++) {
      step(subscriber);
      pass(Duration.ofSeconds(10));
    }
    assertThat(sink.arrived()).containsExactly("C");
    assertThat(journal.deadLetters()).containsExactly("A X502", "B X503");
    assertThat(journal.parkedKeys()).containsExactly(new ParkedKey("topic", "1"));
    assertThat(journal.cursor()).isEqualTo(3);

    journal.append("D", "1").append("E", "2");
    Subscriber restarted = subscriber(sink, 10);
    step(restarted);
    assertThat(sink.arrived()).containsExactly("C", "E");
    assertThat(journal.deadLetters()).containsExactly("A X502", "B X503", "D X503");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100})
  void aRejectedEventIsGivenUpAtOnce(int maxBatch) throws Exception {
    journal.append("A", "1").append("B", "2").append("C", "2").append("D", "3");
    RecordingSink sink = new RecordingSink(maxBatch).rejecting("B");
    step(subscriber(sink, 10));
    assertThat(sink.arrived()).containsExactly("A", "D");
    assertThat(journal.deadLetters()).containsExactly("B X501", "C X503");
    assertThat(journal.cursor()).isEqualTo(4);
  }

  @Test
  void aDeliveryThatAStopCutOffIsNotCounted() throws Exception {
    journal.append("A", "1").append("B", "2");
    List<Subscriber> stopped = new ArrayList<>();
    List<String> arrived = new ArrayList<>();
    Sink sink =
        new Sink() {
          @Override
          public void deliver(List<DomainEvent> events) throws RetryableException {
            arrived.add(events.get(0).type());
            stopped.forEach(Subscriber::stop);
            throw new RetryableException("interrupted", null);
          }

          @Override
          public void close() {}
        };
    RetryPolicy once = new RetryPolicy(1, Duration.ofSeconds(1), Duration.ofSeconds(10), 0);
    stopped.add(
        new Subscriber(
            "test",
            journal,
            sink,
            once,
            new Capacity(10, Long.MAX_VALUE),
            now::get,
            InstantSource.fixed(Instant.EPOCH),
            new Random(1),
            new Subscriber.Stats()));
    step(stopped.get(0));
    assertThat(arrived).as("nothing is begun after the stop").containsExactly("A");
    assertThat(journal.deadLetters()).isEmpty();
    assertThat(journal.cursor()).isZero();
  }

  @Test
  void aFailedBatchIsDeliveredSinglySoThatOnlyTheFailingEventWaits() throws Exception {
    journal.append("A", "1").append("B", "2").append("C", "3");
    RecordingSink sink = new RecordingSink(100).failing("B", 2);
    Subscriber subscriber = subscriber(sink, 10);
    step(subscriber);
    // A arrived twice: with the batch and alone. The ids are the same.
    assertThat(sink.arrived()).containsExactly("A", "A", "C");
    pass(Duration.ofSeconds(1));
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("A", "A", "C", "B");
  }

  @Test
  void eventsWithoutKeyWaitForNoOther() throws Exception {
    journal.append("A", null).append("B", null);
    RecordingSink sink = new RecordingSink(1).rejecting("A");
    step(subscriber(sink, 10));
    assertThat(sink.arrived()).containsExactly("B");
    assertThat(journal.parkedKeys()).isEmpty();
  }

  @Test
  void readsNoMoreThanMayBeInFlightAndSaysHowLongToWait() throws Exception {
    journal.append("A", "1").append("B", "1").append("C", "2");
    RecordingSink sink = new RecordingSink(1).failing("A", 1);
    Subscriber subscriber = subscriber(sink, 2);
    step(subscriber);
    Duration pause = step(subscriber);
    assertThat(sink.arrived()).isEmpty();
    assertThat(pause).isEqualTo(Duration.ofSeconds(1));
    pass(pause);
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("A", "B", "C");
  }

  @Test
  void readsNoMoreThanItsPartOfTheHeapAndOneEventAlways() throws Exception {
    journal.append("A", "1").append("B", "1").append("C", "2").append("D", "2");
    RecordingSink sink = new RecordingSink(1).failing("A", 2);
    long one = journal.event(0).heapBytes();
    Subscriber two = subscriber(sink, new Capacity(10, one + 1));
    step(two);
    Duration pause = step(two);
    assertThat(sink.arrived()).as("A and B take all there is").isEmpty();
    assertThat(pause).isEqualTo(Duration.ofSeconds(1));
    pass(pause);
    pause = step(two);
    assertThat(sink.arrived()).as("nothing was freed").isEmpty();
    pass(pause);
    step(two);
    assertThat(sink.arrived()).containsExactly("A", "B", "C", "D");
    assertThat(journal.cursor()).isEqualTo(4);

    journal.append("E", "1");
    step(subscriber(sink, new Capacity(10, 1)));
    assertThat(sink.arrived()).endsWith("E");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void givesWayAfterTheDeliveryAtHandAndGoesOnInOrder(int maxBatch) throws Exception {
    journal.append("A", "1").append("B", "2").append("C", "1").append("D", "3").append("E", "2");
    RecordingSink sink = new RecordingSink(maxBatch);
    Subscriber subscriber = subscriber(sink, 10);
    subscriber.step(Duration.ofSeconds(30), () -> sink.arrived().size() >= 2);
    assertThat(sink.arrived()).containsExactly("A", "B");
    assertThat(journal.cursor()).isEqualTo(2);
    journal.append("F", "3");
    step(subscriber);
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("A", "B", "C", "D", "E", "F");
    assertThat(journal.cursor()).isEqualTo(6);
  }

  @Test
  void aBatchThatFailedIsDeliveredSinglyAfterGivingWayToo() throws Exception {
    journal.append("A", "1").append("B", "2").append("C", "3");
    RecordingSink sink = new RecordingSink(100).failing("B", 2);
    Subscriber subscriber = subscriber(sink, 10);
    subscriber.step(Duration.ofSeconds(30), () -> !sink.arrived().isEmpty());
    assertThat(sink.arrived()).as("with the batch").containsExactly("A");
    assertThat(journal.cursor()).isZero();
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("A", "A", "C");
    assertThat(journal.cursor()).isEqualTo(1);
  }

  @Test
  void whatWaitsForItsNextAttemptGivesWayToo() throws Exception {
    journal.append("A", "1").append("B", "1").append("C", "1");
    RecordingSink sink = new RecordingSink(1).failing("A", 1);
    Subscriber subscriber = subscriber(sink, 10);
    step(subscriber);
    pass(Duration.ofSeconds(1));
    subscriber.step(Duration.ofSeconds(30), () -> !sink.arrived().isEmpty());
    assertThat(sink.arrived()).containsExactly("A");
    assertThat(journal.cursor()).isEqualTo(1);
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("A", "B", "C");
  }

  @Test
  void whatWasNotCommittedIsDeliveredAgain() throws Exception {
    journal.append("A", "1");
    RecordingSink sink = new RecordingSink(1);
    journal.breakDown();
    assertThatThrownBy(() -> step(subscriber(sink, 10))).isInstanceOf(JournalException.class);
    journal.reopened();
    step(subscriber(sink, 10));
    assertThat(sink.arrived()).containsExactly("A", "A");
    assertThat(journal.cursor()).isEqualTo(1);
  }

  @Test
  void delaysDoubleUpToTheLongestAndBelieveTheDestination() {
    RetryPolicy policy = new RetryPolicy(9, Duration.ofSeconds(1), Duration.ofSeconds(5), 0);
    RetryableException plain = new RetryableException("x", null);
    assertThat(policy.delay(1, plain, new Random(1))).isEqualTo(Duration.ofSeconds(1));
    assertThat(policy.delay(3, plain, new Random(1))).isEqualTo(Duration.ofSeconds(4));
    assertThat(policy.delay(4, plain, new Random(1))).isEqualTo(Duration.ofSeconds(5));
    RetryableException asked = new RetryableException("x", null, Duration.ofMinutes(2));
    assertThat(policy.delay(1, asked, new Random(1))).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void jitterOnlyShortens() {
    RetryPolicy policy = new RetryPolicy(9, Duration.ofSeconds(10), Duration.ofSeconds(10), 0.2);
    Random random = new Random(42);
    for (int i = 0; i < 1_000; i++) {
      assertThat(policy.delay(1, new RetryableException("x", null), random))
          .isBetween(Duration.ofSeconds(8), Duration.ofSeconds(10));
    }
  }
}
