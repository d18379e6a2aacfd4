package io.rowbell.postgres;

import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A time in which the database cannot be had: how long to wait before each new attempt, longer each
 * time, and when to give up. One thread.
 */
final class Outage {
  private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** How often an attempt may fail for no known reason. */
  private static final int UNEXPLAINED_FAILURES = 3;

  private final String pipeline;
  private final Duration bound;
  private final Progress progress;
  private final CountDownLatch stopped;
  private @Nullable Long since;
  private Duration pause = FIRST_PAUSE;
  private int unexplained;

  /**
   * @param pipeline whose database it is
   * @param bound for how long to wait in all
   * @param progress is told what is waited for
   * @param stopped ends a wait
   */
  Outage(String pipeline, Duration bound, Progress progress, CountDownLatch stopped) {
    this.pipeline = pipeline;
    this.bound = bound;
    this.progress = progress;
    this.stopped = stopped;
  }

  /** The database was had: what fails from now on is another outage. */
  void over() {
    since = null;
    pause = FIRST_PAUSE;
    unexplained = 0;
  }

  /**
   * Waits after an attempt that failed.
   *
   * @param wanted what was attempted, for people
   * @throws SourceException {@code e}, if waiting would not mend it or has lasted too long
   */
  void await(String wanted, SourceException e) throws SourceException, InterruptedException {
    long now = System.nanoTime();
    long began = since == null ? now : since;
    since = began;
    boolean heals = SqlErrors.mayHeal(e);
    if (!heals && (e.kind() != Kind.FAILED || ++unexplained >= UNEXPLAINED_FAILURES)) {
      throw e;
    }
    if (now - began + pause.toNanos() > bound.toNanos()) {
      throw e;
    }
    LOG.warn(
        "pipeline {} waits {} ms for {}: {}", pipeline, pause.toMillis(), wanted, e.getMessage());
    progress.waiting(String.valueOf(e.getMessage()));
    if (!stopped.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
    }
  }
}
