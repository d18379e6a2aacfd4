package io.rowbell.sqlite;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The end of the journal as this process's readers wait for it. */
final class Tail {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private volatile long newest;

  Tail(long newest) {
    this.newest = newest;
  }

  /** The number of the newest event that a completed append wrote. */
  long newest() {
    return newest;
  }

  void move(long to) {
    lock.lock();
    try {
      newest = to;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until there is an event of a number or a later one.
   *
   * @return whether there is
   */
  boolean await(long number, long nanos) throws InterruptedException {
    if (newest >= number) {
      return true;
    }
    long left = nanos;
    lock.lockInterruptibly();
    try {
      while (newest < number && left > 0) {
        left = moved.awaitNanos(left);
      }
      return newest >= number;
    } finally {
      lock.unlock();
    }
  }
}
