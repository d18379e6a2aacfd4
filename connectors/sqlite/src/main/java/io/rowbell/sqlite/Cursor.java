package io.rowbell.sqlite;

import io.rowbell.spi.Decision;
import io.rowbell.spi.Subscription.ParkedKey;
import io.rowbell.spi.Subscription.Progress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How far a subscriber is. Moved by the subscriber's thread, read by any.
 *
 * <p>{@code durable} is what the file says; {@code reached} may lie beyond it, behind events that
 * the subscriber did not ask for: nothing is lost if they are looked at again.
 */
final class Cursor {
  final String subscriber;
  final Set<ParkedKey> parked = ConcurrentHashMap.newKeySet();
  final Set<ParkedKey> retried = ConcurrentHashMap.newKeySet();
  volatile boolean paused;
  volatile long durable;
  volatile long reached;

  Cursor(String subscriber, long next) {
    this.subscriber = subscriber;
    this.durable = next;
    this.reached = next;
  }

  /** Takes note of what the file says now. */
  void kept(Progress progress) {
    parked.removeAll(progress.redelivered().released());
    retried.removeAll(progress.redelivered().released());
    parked.addAll(progress.parked());
    retried.removeAll(progress.parked());
  }

  /** Takes note of what the file says now. */
  void decided(Decision decision) {
    if (decision instanceof Decision.Retry retry) {
      parked.addAll(retry.keys());
      retried.addAll(retry.keys());
    } else if (decision instanceof Decision.Drop drop) {
      parked.removeAll(drop.released());
      retried.removeAll(drop.released());
    } else if (decision instanceof Decision.Pause) {
      paused = true;
    } else if (decision instanceof Decision.Resume) {
      paused = false;
    } else if (decision instanceof Decision.Move move) {
      durable = move.nextOffsets().getOrDefault(EventScan.PARTITION, durable);
      reached = durable;
    }
  }
}
