package io.rowbell.engine.faults;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Duration;

/** The times that docs/delivery.md promises, each with the cases that hold the engine to it. */
final class Promised {
  /** How soon after all faults, or after its commit, everything is in the journal (G6). */
  static final Duration CAUGHT_UP = Duration.ofSeconds(30);

  /** How long changes may stand still while readiness says that they arrive (G7). */
  static final Duration STALL = Duration.ofSeconds(10);

  /** How soon a process is ready again that was killed (F04). */
  static final Duration RECOVERED = Duration.ofSeconds(10);

  /** How soon a connection is found out that says nothing (F11). */
  static final Duration FOUND = Duration.ofSeconds(30);

  /** How soon the loss of the log is named (F24), and how soon what is kept of it shrinks (F26). */
  static final Duration NAMED = Duration.ofSeconds(10);

  /** How soon a process is gone whose pipeline is dead (F27) or that was fenced (F08). */
  static final Duration GONE = Duration.ofSeconds(5);

  /**
   * How soon the changes arrive at one that stood by, {@code take-over-after: 3s} included (F08).
   */
  static final Duration TAKEN_OVER = Duration.ofSeconds(10);

  /** How long one waits for the lock that another has, before it ends (F08). */
  static final Duration TURNED_AWAY = Duration.ofSeconds(3);

  /** How much later something may be seen on a machine that has more to do than processors. */
  static final Duration BUSY_MACHINE = Duration.ofSeconds(3);

  private Promised() {}

  /**
   * How soon something may be seen whose time is the processor's, on a machine that has more to do
   * than processors: as many times later. What is promised, where it is idle.
   */
  static Duration onThisMachine(Duration promised) {
    OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
    double burden = machine.getSystemLoadAverage() / machine.getAvailableProcessors();
    return Duration.ofMillis(Math.round(promised.toMillis() * Math.max(1, burden)));
  }
}
