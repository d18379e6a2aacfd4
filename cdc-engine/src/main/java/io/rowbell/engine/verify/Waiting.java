package io.rowbell.engine.verify;

import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Events that wait for their counterpart, oldest first. Several may have one identity, as those of
 * rows of one COPY: they are taken in their order.
 */
final class Waiting<T extends Waiting.Item> implements Iterable<T> {
  private final Map<Identity, Deque<T>> byIdentity = new HashMap<>();
  private final Set<T> all = new LinkedHashSet<>();

  /** A rule may choose one id for events of several changes, and two rules the same. */
  record Identity(
      EventId id,
      @Nullable String rule,
      @Nullable String key,
      @Nullable String position,
      @Nullable String operation) {
    static Identity of(DomainEvent event) {
      return new Identity(
          event.id(),
          event.extensions().get("rule"),
          event.key(),
          event.extensions().get("position"),
          event.extensions().get("op"));
    }
  }

  /** An event, and since when it waits. */
  abstract static class Item {
    final DomainEvent event;
    final Identity identity;
    final long since;

    Item(DomainEvent event, long since) {
      this.event = event;
      this.identity = Identity.of(event);
      this.since = since;
    }
  }

  void add(T item) {
    all.add(item);
    byIdentity.computeIfAbsent(item.identity, identity -> new ArrayDeque<>(1)).add(item);
  }

  /** The first one of this identity, which waits no longer; null if there is none. */
  @Nullable T take(Identity identity) {
    Deque<T> items = byIdentity.get(identity);
    if (items == null) {
      return null;
    }
    T first = items.getFirst();
    remove(first);
    return first;
  }

  void remove(T item) {
    all.remove(item);
    Deque<T> items = byIdentity.get(item.identity);
    if (items != null && items.remove(item) && items.isEmpty()) {
      byIdentity.remove(item.identity);
    }
  }

  void removeIf(Predicate<T> unwanted) {
    List<T> removed = all.stream().filter(unwanted).toList();
    removed.forEach(this::remove);
  }

  void clear() {
    all.clear();
    byIdentity.clear();
  }

  int size() {
    return all.size();
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  @Override
  public Iterator<T> iterator() {
    return all.iterator();
  }
}
