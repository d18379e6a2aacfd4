package io.rowbell.engine;

import io.rowbell.engine.config.WatchdogConfig;
import io.rowbell.spi.Source.SourceStatus;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that nothing is up whose pipeline is dead. From a thread of its own it looks
 *
 * <ul>
 *   <li>whether the pipeline's thread has been at one piece of work for too long while a stream is
 *       open: an append or a rule that never returns. First it says so, with that thread's stack;
 *       then it gives up;
 *   <li>whether a pipeline that has failed for good is gone within {@link #LONGEST_END};
 *   <li>whether that thread is still there.
 * </ul>
 *
 * <p>Time in which the whole process stood still does not count. To wait for the database, the
 * journal or another instance is no piece of work: those waits are bounded or told by themselves.
 */
final class Watchdog {
  /** How long a pipeline that has failed for good may take to end. */
  static final Duration LONGEST_END = Duration.ofSeconds(4);

  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  /** How long a line of the log may take: what hangs may be the log. */
  private static final Duration TELLING = Duration.ofSeconds(1);

  private final String pipeline;
  private final WatchdogConfig bounds;
  private final Thread watched;
  private final Supplier<SourceStatus> source;
  private final Ticker ticker;
  private final Consumer<EngineException> giveUp;
  private final AtomicReference<@Nullable EngineException> doom = new AtomicReference<>();

  private long lookedAt;
  private long turn;
  private Duration atOneThing = Duration.ZERO;
  private Duration ending = Duration.ZERO;
  private boolean told;

  /**
   * @param watched the pipeline's thread
   * @param source how the stream is doing now
   * @param giveUp is called once, on the watchdog's thread, with why
   */
  Watchdog(
      String pipeline,
      WatchdogConfig bounds,
      Thread watched,
      Supplier<SourceStatus> source,
      Ticker ticker,
      Consumer<EngineException> giveUp) {
    this.pipeline = pipeline;
    this.bounds = bounds;
    this.watched = watched;
    this.source = source;
    this.ticker = ticker;
    this.giveUp = giveUp;
    this.lookedAt = ticker.nanos();
  }

  /** Watches until {@code ended}. */
  void start(CountDownLatch ended) {
    Thread thread = new Thread(() -> watch(ended), "rowbell-watchdog");
    thread.setDaemon(true);
    thread.start();
  }

  private void watch(CountDownLatch ended) {
    try {
      while (!ended.await(LOOK_EVERY.toNanos(), TimeUnit.NANOSECONDS)) {
        EngineException why = look();
        if (why != null && ended.getCount() > 0) {
          giveUp.accept(why);
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      giveUp.accept(Failures.unforeseen(e));
    }
  }

  /** The pipeline has failed for good; from any thread, the first cause counts. */
  void expectEnd(EngineException why) {
    doom.compareAndSet(null, why);
  }

  /** Whether the pipeline has failed for good. */
  boolean expectsEnd() {
    return doom.get() != null;
  }

  /**
   * Looks once.
   *
   * @return why there is no hope; null if there is
   */
  @Nullable EngineException look() {
    long now = ticker.nanos();
    long passed = Math.min(now - lookedAt, 2 * LOOK_EVERY.toNanos());
    lookedAt = now;
    EngineException why = doom.get();
    if (why != null) {
      ending = ending.plusNanos(passed);
      return ending.compareTo(LONGEST_END) < 0 ? null : why;
    }
    if (!watched.isAlive()) {
      return new EngineException(ExitCode.INTERNAL, "the pipeline's thread is gone", null);
    }
    return lookAtWork(passed);
  }

  private @Nullable EngineException lookAtWork(long passed) {
    long seen = source.get().lastTurn();
    if (seen == 0 || seen != turn) {
      turn = seen;
      atOneThing = Duration.ZERO;
      told = false;
      return null;
    }
    atOneThing = atOneThing.plusNanos(passed);
    if (!told && atOneThing.compareTo(bounds.tellAfter()) >= 0) {
      told = true;
      tell();
    }
    return atOneThing.compareTo(bounds.endAfter()) < 0
        ? null
        : new EngineException(
            ExitCode.HUNG,
            "the pipeline has been at one piece of work for %d s, as watchdog.end-after allows: the process is ended, nothing is lost. Where it hung, the log says above; start it again"
                .formatted(bounds.endAfter().toSeconds()),
            null);
  }

  private void tell() {
    String stack =
        Arrays.stream(watched.getStackTrace())
            .map(frame -> "\n\tat " + frame)
            .collect(Collectors.joining());
    long seconds = atOneThing.toSeconds();
    tell(
        () ->
            LOG.warn(
                "pipeline {}: at one piece of work for {} s; the process is ended when that is {}"
                    + " s. It is here:{}",
                pipeline,
                seconds,
                bounds.endAfter().toSeconds(),
                stack));
  }

  /** Has something told, and waits for it, but not for ever. */
  static void tell(Runnable line) {
    Thread teller = new Thread(line, "rowbell-watchdog-tells");
    teller.setDaemon(true);
    teller.start();
    try {
      teller.join(TELLING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
