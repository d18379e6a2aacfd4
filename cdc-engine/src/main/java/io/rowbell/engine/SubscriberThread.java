package io.rowbell.engine;

import io.rowbell.spi.JournalException;
import io.rowbell.spi.Sink;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats a subscriber's step on a thread of its own until it is told to stop or the step fails.
 * Between two steps it carries out what people decide about the subscription, for which a step ends
 * early; while they have paused it, it does nothing else.
 */
final class SubscriberThread {
  private static final Logger LOG = LoggerFactory.getLogger(SubscriberThread.class);

  /** How long a step waits for events: also how long a stop takes at rest. */
  private static final Duration LONGEST_WAIT = Duration.ofMillis(250);

  private static final Duration SAY_AGAIN = Duration.ofHours(1);

  private final String name;
  private final Opening opening;
  private final Function<Subscription, Subscriber> connect;
  private final Sink sink;
  private final BlockingQueue<Errand> errands = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile Subscription subscription;
  private volatile Subscriber subscriber;
  private volatile boolean stopping;
  private long saidAt = System.nanoTime();

  /** Opens the subscriber's cursor. */
  @FunctionalInterface
  interface Opening {
    Subscription open() throws JournalException;
  }

  /** Something with the subscription, done once by the thread or not at all. */
  private record Errand(
      Acts.Decider decider, AtomicBoolean taken, CompletableFuture<ActAnswer> answer) {}

  /**
   * @param opening opens the cursor, now and after it was moved
   * @param connect makes the subscriber of an opened cursor
   * @param onFailure is told, on the subscriber's thread, what ended it if nobody asked it to stop
   */
  SubscriberThread(
      String name,
      Opening opening,
      Function<Subscription, Subscriber> connect,
      Sink sink,
      Consumer<Throwable> onFailure)
      throws JournalException {
    this.name = name;
    this.opening = opening;
    this.connect = connect;
    this.sink = sink;
    this.subscription = opening.open();
    this.subscriber = connect.apply(subscription);
    this.thread = new Thread(() -> run(onFailure), "rowbell-subscriber-" + name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run(Consumer<Throwable> onFailure) {
    try {
      while (!stopping) {
        Duration pause = subscription.isPaused() ? rest() : step();
        Errand errand = errands.poll(pause.toNanos(), TimeUnit.NANOSECONDS);
        if (errand != null && !stopping) {
          run(errand);
        }
      }
    } catch (InterruptedException e) {
      if (!stopping) {
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

  /** What people decide must not wait for all that was read, only for the delivery at hand. */
  private Duration step() throws JournalException, InterruptedException {
    return subscriber.step(LONGEST_WAIT, () -> !errands.isEmpty());
  }

  /** Says now and then where the cursor stands: a cluster forgets one that nobody speaks of. */
  private Duration rest() throws JournalException, InterruptedException {
    if (System.nanoTime() - saidAt > SAY_AGAIN.toNanos()) {
      subscription.commit(new Progress(Map.of(), List.of(), Set.of()));
      saidAt = System.nanoTime();
    }
    return LONGEST_WAIT;
  }

  private void run(Errand errand) throws JournalException, InterruptedException {
    if (!errand.taken.compareAndSet(false, true)) {
      return;
    }
    try {
      Acts.Decided decided = errand.decider.decide(subscription);
      if (decided.moved()) {
        // What was read and not done comes again, or is skipped: as at a restart.
        subscription.close();
        subscription = opening.open();
        subscriber = connect.apply(subscription);
        if (stopping) {
          subscriber.stop();
        }
      } else {
        subscriber.refresh();
      }
      errand.answer.complete(decided.answer());
    } catch (JournalException | InterruptedException | RuntimeException e) {
      errand.answer.completeExceptionally(e);
      throw e;
    }
  }

  /**
   * Has the thread do something with its subscription between two steps. From any thread.
   *
   * @param longest how long to wait for the delivery at hand to end
   * @return empty if it was not begun by then, and never will be
   * @throws JournalException if it failed: whether it is durable is not known
   */
  @Nullable ActAnswer ask(Acts.Decider decider, Duration longest)
      throws JournalException, InterruptedException {
    Errand errand = new Errand(decider, new AtomicBoolean(), new CompletableFuture<>());
    errands.add(errand);
    long deadline = System.nanoTime() + longest.toNanos();
    while (true) {
      try {
        long left = Math.max(0, deadline - System.nanoTime());
        return errand.answer.get(Math.min(left, LONGEST_WAIT.toNanos()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        boolean late = System.nanoTime() - deadline > 0 || !thread.isAlive();
        if (late && errand.taken.compareAndSet(false, true)) {
          return null;
        }
      } catch (ExecutionException e) {
        if (e.getCause() instanceof JournalException failure) {
          throw failure;
        }
        throw new IllegalStateException(name + ": " + e.getCause(), e.getCause());
      }
    }
  }

  /** Tells the thread to end after the delivery at hand; returns at once. */
  void stop() {
    stopping = true;
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
