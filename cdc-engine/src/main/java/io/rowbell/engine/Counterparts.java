package io.rowbell.engine;

import io.rowbell.model.DomainEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Events of a rule in shadow and of its live rule that wait for what the other makes of the same:
 * until the end of the transaction, as one of them may be told there only; or, where a state must
 * last, for a while. Bounded; what there is no room for is not compared. For one thread.
 */
final class Counterparts {
  /** The room for the events that wait, of one rule. */
  static final long MAX_BYTES = 4 << 20;

  /** What an event takes beside its data. */
  private static final long OVERHEAD = 500;

  private final @Nullable Duration within;
  private final Set<Waiting> inOrder = new LinkedHashSet<>();
  private final Map<Place, Deque<Waiting>> byPlace = new HashMap<>();
  private long bytes;
  private @Nullable Instant latest;

  /** Whether an event of the transaction at hand was not seen, or not kept. */
  private boolean missed;

  /** Until this time the same of the events of the past; null if none was. */
  private @Nullable Instant missedUntil;

  /**
   * Where events belong together.
   *
   * @param position of the change; empty if it may be another one's
   */
  private record Place(String position, @Nullable String key) {}

  /** An event that waits: an identity, as there may be several that are equal. */
  private static final class Waiting {
    final DomainEvent event;
    final boolean live;

    Waiting(DomainEvent event, boolean live) {
      this.event = event;
      this.live = live;
    }

    long bytes() {
      return event.data().bytes().length + OVERHEAD;
    }
  }

  /**
   * An event whose counterpart never came.
   *
   * @param live whether it is the live rule's
   * @param compared whether there is none for certain
   */
  record Alone(DomainEvent event, boolean live, boolean compared) {}

  /**
   * @param within how far apart in time both rules may make events that belong together, whatever
   *     changes they come of; null if they come of the same change
   */
  Counterparts(@Nullable Duration within) {
    this.within = within;
  }

  /** Not all of the transaction at hand, or of what happened until now, was or will be seen. */
  void missed() {
    missed = true;
    if (within != null && latest != null) {
      missedUntil = later(missedUntil, latest.plus(within));
    }
  }

  /**
   * Something happened at a time. Nothing is known of what was before the first.
   *
   * @param at a time of the database
   */
  void at(Instant at) {
    if (latest == null && within != null) {
      missedUntil = at.plus(within);
    }
    latest = latest == null || at.isAfter(latest) ? at : latest;
  }

  /**
   * The counterpart of an event, which waits no longer; else the event waits for one, and {@link
   * #withoutRoom} is to be asked.
   *
   * @param live whether the event is the live rule's
   */
  Optional<DomainEvent> of(DomainEvent event, boolean live) {
    at(event.time());
    Deque<Waiting> there = byPlace.getOrDefault(place(event), new ArrayDeque<>());
    Waiting found = null;
    for (Waiting waiting : there) {
      boolean sameType = waiting.event.type().equals(event.type());
      if (waiting.live != live && (found == null || sameType) && isNear(waiting.event, event)) {
        found = waiting;
        if (sameType) {
          break;
        }
      }
    }
    if (found == null) {
      keep(new Waiting(event, live));
      return Optional.empty();
    }
    remove(found);
    return Optional.of(found.event);
  }

  private boolean isNear(DomainEvent one, DomainEvent other) {
    return within == null
        || Duration.between(one.time(), other.time()).abs().compareTo(within) <= 0;
  }

  private Place place(DomainEvent event) {
    String position = event.extensions().getOrDefault("position", "");
    return new Place(within == null ? position : "", event.key());
  }

  private void keep(Waiting waiting) {
    inOrder.add(waiting);
    byPlace.computeIfAbsent(place(waiting.event), place -> new ArrayDeque<>()).add(waiting);
    bytes += waiting.bytes();
  }

  private void remove(Waiting waiting) {
    inOrder.remove(waiting);
    forget(waiting);
  }

  private void forget(Waiting waiting) {
    Place place = place(waiting.event);
    Deque<Waiting> there = byPlace.getOrDefault(place, new ArrayDeque<>());
    there.remove(waiting);
    if (there.isEmpty()) {
      byPlace.remove(place);
    }
    bytes -= waiting.bytes();
  }

  /** The events for which there is no room, the oldest first; to be asked after each event. */
  List<Alone> withoutRoom() {
    List<Alone> alone = new ArrayList<>();
    Iterator<Waiting> each = inOrder.iterator();
    while (bytes > MAX_BYTES && each.hasNext()) {
      Waiting waiting = each.next();
      missed |= within == null;
      missedUntil = within == null ? null : later(missedUntil, waiting.event.time().plus(within));
      each.remove();
      forget(waiting);
      alone.add(new Alone(waiting.event, waiting.live, /* compared= */ false));
    }
    return alone;
  }

  /**
   * The events for which nothing more can come, or for which there is no room, in the order in
   * which they came; to be asked when all that is at hand was seen.
   *
   * @param open whether more of the transaction at hand follows
   */
  List<Alone> alone(boolean open) {
    List<Alone> alone = withoutRoom();
    Iterator<Waiting> each = inOrder.iterator();
    while (each.hasNext()) {
      Waiting waiting = each.next();
      if (within == null ? open : !isOver(waiting)) {
        break;
      }
      each.remove();
      forget(waiting);
      alone.add(new Alone(waiting.event, waiting.live, !mayBeMissed(waiting)));
    }
    missed &= open;
    return alone;
  }

  private boolean isOver(Waiting waiting) {
    return within != null && latest != null && latest.isAfter(waiting.event.time().plus(within));
  }

  private boolean mayBeMissed(Waiting waiting) {
    return missed || (missedUntil != null && !waiting.event.time().isAfter(missedUntil));
  }

  private static Instant later(@Nullable Instant one, Instant other) {
    return one != null && one.isAfter(other) ? one : other;
  }
}
