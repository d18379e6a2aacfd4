package io.rowbell.engine;

/** A clock that only measures: {@link System#nanoTime()} in the engine, a settable one in tests. */
@FunctionalInterface
interface Ticker {
  /** Nanoseconds since some fixed moment; compare by difference. */
  long nanos();
}
