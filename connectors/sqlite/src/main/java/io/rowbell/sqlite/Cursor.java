package io.rowbell.sqlite;

import io.rowbell.spi.Subscription.ParkedKey;
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
  volatile long durable;
  volatile long reached;

  Cursor(String subscriber, long next) {
    this.subscriber = subscriber;
    this.durable = next;
    this.reached = next;
  }
}
