package io.rowbell.engine;

import io.rowbell.spi.JournalException;
import io.rowbell.spi.Sink;
import io.rowbell.spi.Subscription;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats a subscriber's step on a thread of its own until it is told to stop or the step fails.
 */
final class SubscriberThread {
  private static final Logger LOG = LoggerFactory.getLogger(SubscriberThread.class);

  /** How long a step waits for events: also how long a stop takes at rest. */
  private static final Duration LONGEST_WAIT = Duration.ofMillis(250);

  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(5);

  private final String name;
  private final Subscriber subscriber;
  private final Subscription subscription;
  private final Sink sink;
  private final Duration grace;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;

  /**
   * @param grace how long a delivery under way may take when asked to stop, before it is
   *     interrupted
   * @param onFailure is told, on the subscriber's thread, what ended it if nobody asked it to stop
   */
  SubscriberThread(
      String name,
      Subscriber subscriber,
      Subscription subscription,
      Sink sink,
      Duration grace,
      Consumer<Throwable> onFailure) {
    this.name = name;
    this.subscriber = subscriber;
    this.subscription = subscription;
    this.sink = sink;
    this.grace = grace;
    this.thread = new Thread(() -> run(onFailure), "rowbell-subscriber-" + name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run(Consumer<Throwable> onFailure) {
    try {
      while (stop.getCount() > 0) {
        Duration pause = subscriber.step(LONGEST_WAIT);
        if (!pause.isZero() && stop.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      if (stop.getCount() > 0) {
        onFailure.accept(
            new IllegalStateException(name + ": its thread was interrupted by somebody", e));
        return;
      }
      // end() interrupts when the grace is over: the delivery at hand comes again after the next
      // start.
      LOG.warn(
          "subscriber {}: a delivery took longer than {} and was interrupted; it will be repeated",
          name,
          grace);
    } catch (JournalException | RuntimeException | Error e) {
      onFailure.accept(e);
    }
  }

  /** Tells the thread to end after its step; returns at once. */
  void stop() {
    stop.countDown();
  }

  /**
   * Ends the thread, by interrupting it when the grace is over, and closes what it used.
   *
   * @throws EngineException if a delivery does not react to the interrupt: it is left to itself,
   *     and nothing else may deliver beside it
   */
  void end() throws InterruptedException {
    stop();
    if (!joined(grace)) {
      thread.interrupt();
      if (!joined(AFTER_INTERRUPT)) {
        throw new EngineException(
            ExitCode.INTERNAL,
            "subscriber '%s' does not end: a delivery has taken longer than %s and does not react to an interrupt. Its event will be repeated"
                .formatted(name, grace),
            null);
      }
    }
    subscription.close();
    sink.close();
  }

  private boolean joined(Duration time) throws InterruptedException {
    thread.join(Math.max(1, time.toMillis()));
    return !thread.isAlive();
  }
}
