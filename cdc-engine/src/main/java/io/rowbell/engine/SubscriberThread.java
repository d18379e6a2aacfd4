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

  private final String name;
  private final Subscriber subscriber;
  private final Subscription subscription;
  private final Sink sink;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;

  /**
   * @param onFailure is told, on the subscriber's thread, what ended it if nobody asked it to stop
   */
  SubscriberThread(
      String name,
      Subscriber subscriber,
      Subscription subscription,
      Sink sink,
      Consumer<Throwable> onFailure) {
    this.name = name;
    this.subscriber = subscriber;
    this.subscription = subscription;
    this.sink = sink;
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
      LOG.warn(
          "subscriber {}: a delivery took longer than the grace and was interrupted; it will be"
              + " repeated",
          name);
    } catch (JournalException | RuntimeException | Error e) {
      onFailure.accept(e);
    }
  }

  /** Tells the thread to end after the delivery at hand; returns at once. */
  void stop() {
    stop.countDown();
    subscriber.stop();
  }

  /**
   * Waits for its end.
   *
   * @param deadline as {@link System#nanoTime()}
   * @return whether it has ended
   */
  boolean awaitEnd(long deadline) throws InterruptedException {
    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    // To join for 0 ms is to join for ever.
    thread.join(Math.max(1, left));
    return !thread.isAlive();
  }

  /** Interrupts the delivery at hand. */
  void interrupt() {
    thread.interrupt();
  }

  /** Closes what the thread used; it must have ended. */
  void close() {
    subscription.close();
    sink.close();
  }

  /** The subscriber's name. */
  String name() {
    return name;
  }
}
