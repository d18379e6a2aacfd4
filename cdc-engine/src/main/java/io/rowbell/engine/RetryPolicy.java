package io.rowbell.engine;

import io.rowbell.engine.config.RetryConfig;
import io.rowbell.spi.RetryableException;
import java.time.Duration;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * When a failed delivery is tried again: exponential back-off with jitter.
 *
 * <p>Attempt <i>n</i> is followed by a delay of {@code initialDelay * 2^(n-1)}, at most {@code
 * maxDelay}, of which up to {@code jitter} is taken away at random so that many keys do not knock
 * at once. A destination that says how long to wait is believed if that is longer.
 *
 * @param attempts how often an event is tried before it goes to the dead letters, the first
 *     included
 * @param initialDelay the delay after the first failure
 * @param maxDelay the longest delay
 * @param jitter the part of a delay that chance may take away, from 0 to 1
 */
record RetryPolicy(int attempts, Duration initialDelay, Duration maxDelay, double jitter) {

  private static final double JITTER = 0.5;

  /** The policy a configuration asks for, with up to half of each delay left to chance. */
  static RetryPolicy of(RetryConfig config) {
    return new RetryPolicy(config.attempts(), config.delay(), config.maxDelay(), JITTER);
  }

  public RetryPolicy {
    Objects.requireNonNull(initialDelay, "initialDelay");
    Objects.requireNonNull(maxDelay, "maxDelay");
    if (attempts < 1) {
      throw new IllegalArgumentException("at least one attempt: " + attempts);
    }
    if (initialDelay.isNegative() || maxDelay.compareTo(initialDelay) < 0) {
      throw new IllegalArgumentException(
          "0 <= initial delay <= longest delay: " + initialDelay + ", " + maxDelay);
    }
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException("jitter is a part, from 0 to 1: " + jitter);
    }
  }

  /** Whether an event that has failed that often is given up. */
  boolean exhausted(int failures) {
    return failures >= attempts;
  }

  /** How long to wait after the {@code failures}-th failure, from 1. */
  Duration delay(int failures, RetryableException failure, RandomGenerator random) {
    long nanos = initialDelay.toNanos();
    for (int i = 1; i < failures && nanos < maxDelay.toNanos(); i++) {
      nanos *= 2;
    }
    nanos = Math.min(nanos, maxDelay.toNanos());
    nanos -= (long) (nanos * jitter * random.nextDouble());
    Duration delay = Duration.ofNanos(nanos);
    return failure.after().filter(after -> after.compareTo(delay) > 0).orElse(delay);
  }
}
