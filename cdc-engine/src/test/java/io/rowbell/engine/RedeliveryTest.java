package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DeadLetter.Delivery;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription.ParkedKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Dead letters that are delivered again, by a subscriber that goes on with everything else. */
class RedeliveryTest {
  private static final RetryPolicy TWICE =
      new RetryPolicy(2, Duration.ofSeconds(1), Duration.ofSeconds(10), 0);
  private static final ParkedKey KEY = new ParkedKey("topic", "1");

  private final ListSubscription journal = new ListSubscription();
  private final AtomicLong now = new AtomicLong();

  private Subscriber subscriber(RecordingSink sink) {
    return subscriber(sink, Long.MAX_VALUE);
  }

  private Subscriber subscriber(RecordingSink sink, long heapBytes) {
    return new Subscriber(
        "test",
        journal,
        sink,
        TWICE,
        new Capacity(10, heapBytes),
        now::get,
        InstantSource.fixed(Instant.EPOCH),
        new Random(1),
        new Subscriber.Stats());
  }

  private static void step(Subscriber subscriber) throws Exception {
    subscriber.step(Duration.ofSeconds(30), () -> false);
  }

  /** A is rejected, B waits behind it on the same key, C has another. */
  private void giveUp() throws Exception {
    journal.append("A", "1").append("B", "1").append("C", "2");
    step(subscriber(new RecordingSink(1).rejecting("A")));
    assertThat(journal.deadLetters()).containsExactly("A X501", "B X503");
  }

  @Test
  void aKeyIsDeliveredInOrderAndFlowsAgain() throws Exception {
    giveUp();
    RecordingSink sink = new RecordingSink(1);
    Subscriber subscriber = subscriber(sink);
    journal.append("D", "1").retry(KEY);
    subscriber.refresh();
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("A", "B", "D");
    assertThat(journal.deadLetters()).isEmpty();
    assertThat(journal.parkedKeys()).isEmpty();
    assertThat(journal.cursor()).isEqualTo(4);
  }

  @Test
  void aKeyThatIsTooLargeIsDeliveredInPartsAndReleasedAfterTheLast() throws Exception {
    giveUp();
    journal.append("D", "1").append("E", "1").retry(KEY);
    RecordingSink sink = new RecordingSink(1);
    long two = journal.letters().get(0).heapBytes() + 1;
    Subscriber subscriber = subscriber(sink, two);
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("A", "B");
    assertThat(journal.deadLetters()).containsExactly("D X503", "E X503");
    assertThat(journal.parkedKeys()).containsExactly(KEY);
    step(subscriber);
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("A", "B", "D", "E");
    assertThat(journal.parkedKeys()).as("there may be more").containsExactly(KEY);
    step(subscriber);
    assertThat(journal.parkedKeys()).isEmpty();
  }

  @Test
  void whatComesMeanwhileWaitsBehindIt() throws Exception {
    giveUp();
    RecordingSink sink = new RecordingSink(1).failing("A", 1);
    Subscriber subscriber = subscriber(sink);
    journal.append("D", "1").append("E", "2").retry(KEY);
    subscriber.refresh();
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("E");
    assertThat(journal.deadLetters()).containsExactly("A X501", "B X503", "D X503");
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("E", "A", "B", "D");
    assertThat(journal.parkedKeys()).isEmpty();
  }

  @Test
  void givesWayAfterTheDeliveryAtHand() throws Exception {
    giveUp();
    RecordingSink sink = new RecordingSink(1);
    Subscriber subscriber = subscriber(sink);
    journal.append("D", "1").retry(KEY);
    subscriber.refresh();
    subscriber.step(Duration.ofSeconds(30), () -> !sink.arrived().isEmpty());
    assertThat(sink.arrived()).containsExactly("A");
    assertThat(journal.deadLetters()).containsExactly("B X503");
    assertThat(journal.parkedKeys()).containsExactly(KEY);
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("A", "B", "D");
    assertThat(journal.parkedKeys()).isEmpty();
  }

  @Test
  void whatFailsAgainStaysFirstAndItsKeyParked() throws Exception {
    giveUp();
    RecordingSink sink = new RecordingSink(1).rejecting("B");
    Subscriber subscriber = subscriber(sink);
    journal.retry(KEY);
    subscriber.refresh();
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("A");
    assertThat(journal.deadLetters()).containsExactly("B X501");
    assertThat(journal.letters())
        .extracting(DeadLetter::delivery)
        .extracting(Delivery::attempts)
        .containsExactly(1);
    assertThat(journal.parkedKeys()).containsExactly(KEY);
    assertThat(journal.retriedKeys()).isEmpty();
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("A");
  }

  @Test
  void itsRetriesAreUsedUpToo() throws Exception {
    giveUp();
    RecordingSink sink = new RecordingSink(1).failing("A", 9);
    Subscriber subscriber = subscriber(sink);
    journal.retry(KEY);
    subscriber.refresh();
    for (int i = 0; i < 3; i++) {
      step(subscriber);
      now.addAndGet(Duration.ofSeconds(10).toNanos());
    }
    assertThat(sink.arrived()).isEmpty();
    assertThat(journal.deadLetters()).containsExactly("A X502", "B X503");
    assertThat(journal.letters().get(0).reason()).isEqualTo("retried 2 times, last: not now: A");
    assertThat(journal.letters().get(0).delivery())
        .isEqualTo(new Delivery("all", 0, 3, Instant.EPOCH, Instant.EPOCH));
    assertThat(journal.retriedKeys()).isEmpty();
  }

  @Test
  void whatWasDeliveredAndNotNotedComesAgainBeforeWhatFollowsIt() throws Exception {
    giveUp();
    RecordingSink sink = new RecordingSink(1);
    Subscriber subscriber = subscriber(sink);
    journal.retry(KEY).breakDown();
    subscriber.refresh();
    assertThatThrownBy(() -> step(subscriber)).isInstanceOf(JournalException.class);
    journal.reopened();
    step(subscriber(sink));
    assertThat(sink.arrived()).containsExactly("A", "B", "A", "B");
    assertThat(journal.parkedKeys()).isEmpty();
  }

  @Test
  void whatCannotBeReadJustNowIsRetriedLaterAndReleasesNothing() throws Exception {
    giveUp();
    RecordingSink sink = new RecordingSink(1);
    Subscriber subscriber = subscriber(sink);
    journal.append("D", "2").retry(KEY).hideDeadLetters(true);
    subscriber.refresh();
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("D");
    assertThat(journal.parkedKeys()).containsExactly(KEY);
    assertThat(journal.retriedKeys()).containsExactly(KEY);
    journal.hideDeadLetters(false);
    now.addAndGet(Duration.ofSeconds(10).toNanos());
    step(subscriber);
    assertThat(sink.arrived()).containsExactly("D", "A", "B");
    assertThat(journal.parkedKeys()).isEmpty();
  }

  @Test
  void anEventWithoutKeyLetsNobodyWait() throws Exception {
    journal.append("A", null).append("B", null);
    step(subscriber(new RecordingSink(1).rejecting("A")));
    ParkedKey alone = ParkedKey.of(journal.letters().get(0));
    RecordingSink sink = new RecordingSink(1).rejecting("A");
    Subscriber subscriber = subscriber(sink);
    journal.retry(alone);
    subscriber.refresh();
    step(subscriber);
    assertThat(journal.parkedKeys()).isEmpty();
    assertThat(journal.deadLetters()).containsExactly("A X501");
    journal.retry(alone);
    step(subscriber(new RecordingSink(1)));
    assertThat(journal.deadLetters()).isEmpty();
  }

  @Test
  void theSameEventComesOutOfADeadLetter() throws Exception {
    journal.append("A", "1");
    step(subscriber(new RecordingSink(1).rejecting("A")));
    assertThat(CloudEventReader.read(journal.letters().get(0))).isEqualTo(journal.event(0));
  }
}
