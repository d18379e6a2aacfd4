package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rowbell.model.DomainEvent;
import io.rowbell.spi.Act;
import io.rowbell.spi.Decision;
import io.rowbell.spi.Sink;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SubscriberThreadTest {
  private static final int EVENTS = 200;
  private static final RetryPolicy ONCE =
      new RetryPolicy(1, Duration.ofSeconds(1), Duration.ofSeconds(1), 0);

  private final ListSubscription journal = new ListSubscription();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();

  /** Takes a while for each event. */
  private static final class SlowSink implements Sink {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch hurry = new CountDownLatch(1);
    final List<String> arrived = new CopyOnWriteArrayList<>();

    @Override
    public void deliver(List<DomainEvent> events) throws InterruptedException {
      begun.countDown();
      boolean unused = hurry.await(50, TimeUnit.MILLISECONDS);
      events.forEach(event -> arrived.add(event.type()));
    }

    @Override
    public void close() {}
  }

  @Test
  void aDecisionWaitsForTheDeliveryAtHandAndNotForAllThatWasRead() throws Exception {
    for (int i = 0; i < EVENTS; i++) {
      journal.append("E" + i, "1");
    }
    SlowSink sink = new SlowSink();
    SubscriberThread thread =
        new SubscriberThread(
            "test",
            () -> journal,
            subscription ->
                new Subscriber(
                    "test",
                    subscription,
                    sink,
                    ONCE,
                    new Capacity(1_000, Long.MAX_VALUE),
                    System::nanoTime,
                    InstantSource.system(),
                    new Random(1),
                    new Subscriber.Stats()),
            sink,
            failures::add);
    thread.start();
    try {
      sink.begun.await();
      assertThat(decide(thread, new Decision.Pause())).isEqualTo(ActAnswer.done("done"));
      int delivered = sink.arrived.size();
      assertThat(delivered).isBetween(1, EVENTS / 2);
      assertThat(journal.cursor()).isEqualTo(delivered);

      sink.hurry.countDown();
      assertThat(decide(thread, new Decision.Resume())).isEqualTo(ActAnswer.done("done"));
      await().until(() -> sink.arrived.size() == EVENTS);
    } finally {
      thread.stop();
      assertThat(thread.awaitEnd(System.nanoTime() + TimeUnit.SECONDS.toNanos(10))).isTrue();
    }
    assertThat(sink.arrived)
        .containsExactlyElementsOf(IntStream.range(0, EVENTS).mapToObj(i -> "E" + i).toList());
    assertThat(failures).isEmpty();
  }

  private static @Nullable ActAnswer decide(SubscriberThread thread, Decision decision)
      throws Exception {
    return thread.ask(
        subscription -> {
          subscription.decide(decision, new Act(Instant.EPOCH, "test", "test", "test", ""));
          return new Acts.Decided(ActAnswer.done("done"), false);
        },
        Duration.ofSeconds(30));
  }
}
