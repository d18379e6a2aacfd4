package io.rowbell.postgres;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Passes blocks from Debezium's thread to ours, one at a time, and holds Debezium's until ours is
 * done with it: so returning is acknowledging, and the handler is only ever called from one thread.
 */
final class Handover {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable List<ByteBuffer> blocks;
  private boolean taken;
  private boolean moved;
  private boolean abandoned;
  private boolean over;
  private @Nullable Throwable failure;

  /**
   * Debezium's side: passes blocks over and waits until they are handled.
   *
   * @return whether the durable position moved; false once our side takes no more
   */
  boolean pass(List<ByteBuffer> next) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      blocks = next;
      taken = false;
      changed.signalAll();
      while (blocks != null && !abandoned) {
        changed.await();
      }
      return !abandoned && moved;
    } finally {
      lock.unlock();
    }
  }

  /** Debezium's side: nothing more comes, because of {@code cause} if it is not null. */
  void end(@Nullable Throwable cause) {
    lock.lock();
    try {
      over = true;
      failure = cause;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Our side: waits for blocks.
   *
   * @return null if none came in time or nothing more comes, see {@link #isOver}
   */
  @Nullable List<ByteBuffer> take(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while ((blocks == null || taken) && !over && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (blocks == null || taken || over) {
        return null;
      }
      taken = true;
      return blocks;
    } finally {
      lock.unlock();
    }
  }

  /** Our side: the blocks taken are handled. */
  void done(boolean positionMoved) {
    lock.lock();
    try {
      blocks = null;
      moved = positionMoved;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Our side: nothing more is taken; Debezium's thread is let go. */
  void abandon() {
    lock.lock();
    try {
      abandoned = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isOver() {
    lock.lock();
    try {
      return over;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing more comes. */
  boolean awaitEnd(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (!over && left > 0) {
        left = changed.awaitNanos(left);
      }
      return over;
    } finally {
      lock.unlock();
    }
  }

  /** Why nothing more comes; null if that was asked for. */
  @Nullable Throwable failure() {
    lock.lock();
    try {
      return failure;
    } finally {
      lock.unlock();
    }
  }
}
