package io.rowbell.engine.verify;

import io.rowbell.engine.verify.Discrepancy.Kind;
import io.rowbell.engine.verify.Waiting.Identity;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventId;
import io.rowbell.model.Position;
import io.rowbell.spi.EventReader.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Brings the events that rules make together with those that a journal has, whichever comes first.
 *
 * <p>What has no counterpart waits. How long says nothing by itself, as the engine and the audit
 * may each be behind the other; what tells is the journal's own position. An event is missing once
 * the journal says that its change is done, all that the journal has was read, and a grace has
 * passed since; it is unexpected once the audit has read all that the journal had when the event
 * was there, and a grace has passed. Until then it is in flight.
 *
 * <p>For one thread. Times are those of {@link System#nanoTime}.
 */
public final class EventAudit {
  /**
   * How many events may wait on each side: then that side is not read on, unless the other is full
   * too. Both are when most events have no counterpart, and what decides about them is the grace.
   */
  static final int MOST_WAITING = 100_000;

  /** How many of the last events and keys are remembered, to tell repeats and order. */
  static final int REMEMBERED = 200_000;

  private final long graceNanos;
  private final Sample sample;
  private final Waiting<Expected> waiting = new Waiting<>();
  private final Waiting<Found> unexplained = new Waiting<>();

  /** Those of {@link #waiting} whose transactions may not have ended. */
  private final Set<Expected> open = new HashSet<>();

  /** What is wrong unless other rules have taken over. */
  private final List<Discrepancy> suspected = new ArrayList<>();

  /** Of what was found, the number of the last one that was expected. */
  private final Map<Identity, Long> seen = new Recent<>();

  private final Map<Identity, Boolean> lost = new Recent<>();
  private final Map<Place, Last> lasts = new Recent<>();
  private final Map<Kind, Long> wrong = new EnumMap<>(Kind.class);
  private Checkpoint start = Checkpoint.at(Position.ZERO);
  private Set<String> unknown = Set.of();
  private long expected;
  private long found;
  private long backfilled;
  private long leftOut;
  private long settledAt;

  /** How many were expected when the audit began. */
  private long before;

  /** The last one that was expected of transactions that have ended. */
  private long ended;

  /** The last event that was expected when late ones were told: one standstill is told once. */
  private long lateTold;

  /** Where the order of a key shows. */
  private record Place(String partition, @Nullable String key) {}

  private record Last(long number, long offset) {}

  private static final class Expected extends Waiting.Item {
    final long number;

    /** Where its transaction surely has ended; null while it has not. */
    @Nullable Position through;

    /** Since when the journal says that it is done, if that is known. */
    long doneSince;

    boolean done;

    Expected(DomainEvent event, long number, long since) {
      super(event, since);
      this.number = number;
    }
  }

  private static final class Found extends Waiting.Item {
    final Entry entry;

    /** Where the journal ended when it had the event; null if that was not looked at yet. */
    @Nullable Position through;

    Found(Entry entry, long since) {
      super(entry.event(), since);
      this.entry = entry;
    }
  }

  /** The last ones that were put. */
  private static final class Recent<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > REMEMBERED;
    }
  }

  /**
   * @param grace how long an event may be on its way, and longer than reading takes
   */
  public EventAudit(Duration grace, Sample sample) {
    this.graceNanos = grace.toNanos();
    this.sample = sample;
  }

  /**
   * Begins, or begins again: what waits is given up.
   *
   * @param from events of changes before this need not be explained, nor any of the transaction
   *     that it is inside of
   */
  public void begin(Checkpoint from) {
    start = from;
    before = expected;
    waiting.clear();
    unexplained.clear();
    open.clear();
    suspected.clear();
    unknown = Set.of();
  }

  /** From here on events of these rules are not looked at: what the rules remember is not known. */
  public void leaveOut(Set<String> rules) {
    unknown = Set.copyOf(rules);
    waiting.removeIf(each -> isUnknown(each.event));
    unexplained.removeIf(each -> isUnknown(each.event));
    open.removeIf(each -> isUnknown(each.event));
  }

  private boolean isUnknown(DomainEvent event) {
    return unknown.contains(event.extensions().getOrDefault("rule", ""));
  }

  /** Whether there is room for more events that the rules make. */
  public boolean mayExpectMore() {
    return waiting.size() < MOST_WAITING || unexplained.size() >= MOST_WAITING;
  }

  /** Whether there is room for more events of the journal. */
  public boolean mayFindMore() {
    return unexplained.size() < MOST_WAITING || waiting.size() >= MOST_WAITING;
  }

  /** The rules made an event, in the order of commits; {@link #through} follows. */
  public List<Discrepancy> expect(DomainEvent event, long now) {
    if (!sample.takes(event.key()) || isUnknown(event)) {
      return List.of();
    }
    expected++;
    Expected made = new Expected(event, expected, now);
    Found there = unexplained.take(made.identity);
    if (there != null) {
      return matched(made, there.entry);
    }
    waiting.add(made);
    open.add(made);
    return List.of();
  }

  /** All transactions of the events until here have ended before this position. */
  public void through(Position position) {
    open.forEach(each -> each.through = position);
    open.clear();
    ended = expected;
  }

  /** The journal has an event, in the order of each partition. */
  public List<Discrepancy> found(Entry entry, long now) {
    DomainEvent event = entry.event();
    if (event.extensions().containsKey("backfill")) {
      backfilled++;
      return List.of();
    }
    if (!sample.takes(event.key()) || isUnknown(event)) {
      leftOut++;
      return List.of();
    }
    Identity identity = Identity.of(event);
    Expected made = waiting.take(identity);
    if (made != null) {
      open.remove(made);
      return matched(made, entry);
    }
    if (lost.remove(identity) != null) {
      return told(
          Kind.OUT_OF_ORDER,
          event,
          "it came to " + place(entry) + " after the journal had gone past its change");
    }
    Long last = seen.get(identity);
    if (last != null && last > before && last <= ended) {
      return doubled(entry);
    }
    unexplained.add(new Found(entry, now));
    return List.of();
  }

  /** All events of its change have been found, and here is one more. */
  private List<Discrepancy> doubled(Entry entry) {
    return told(Kind.DOUBLED, entry.event(), "it is there again, at " + place(entry));
  }

  private static String place(Entry entry) {
    return "offset " + entry.offset() + " of partition " + entry.partition();
  }

  private List<Discrepancy> matched(Expected made, Entry entry) {
    found++;
    seen.put(made.identity, made.number);
    List<Discrepancy> discrepancies = new ArrayList<>();
    List<String> differences = differences(made.event, entry.event());
    if (!differences.isEmpty()) {
      suspected.add(
          new Discrepancy(
              Kind.DIFFERENT,
              made.event,
              "at " + place(entry) + " it has another " + String.join(", ", differences)));
    }
    Place key = new Place(entry.partition(), entry.event().key());
    Last last = lasts.get(key);
    if (last != null && (last.number < made.number) != (last.offset < entry.offset())) {
      discrepancies.addAll(
          told(
              Kind.OUT_OF_ORDER,
              made.event,
              "at "
                  + place(entry)
                  + ", while the event of the key that was committed "
                  + (last.number < made.number ? "before" : "after")
                  + " it is at "
                  + last.offset));
    }
    if (last == null || last.number < made.number) {
      lasts.put(key, new Last(made.number, entry.offset()));
    }
    return discrepancies;
  }

  /** The attributes in which two events differ; their values may be private. */
  private static List<String> differences(DomainEvent made, DomainEvent there) {
    List<String> names = new ArrayList<>();
    differs(names, "type", made.type(), there.type());
    differs(names, "version", made.version(), there.version());
    differs(names, "source", made.source(), there.source());
    differs(names, "topic", made.topic(), there.topic());
    differs(names, "extensions", made.extensions(), there.extensions());
    differs(names, "data", made.data(), there.data());
    // A message outside of transactions has no time but that of its reading.
    if (!"0".equals(made.extensions().get("xid"))) {
      differs(names, "time", made.time(), there.time());
    }
    return names;
  }

  private static void differs(
      List<String> names, String name, @Nullable Object made, @Nullable Object there) {
    if (!Objects.equals(made, there)) {
      names.add(name);
    }
  }

  /** Whether something waits for so long that {@link #settle} may tell more. */
  public boolean isOverdue(long now) {
    return !suspected.isEmpty()
        || (now - settledAt >= graceNanos / 2
            && (isOld(oldestWaiting(), now) || isOld(oldestFound(), now)));
  }

  private boolean isOld(@Nullable Long since, long now) {
    return since != null && now - since >= graceNanos;
  }

  private @Nullable Long oldestWaiting() {
    return waiting.isEmpty() ? null : waiting.iterator().next().since;
  }

  private @Nullable Long oldestFound() {
    return unexplained.isEmpty() ? null : unexplained.iterator().next().since;
  }

  /** What {@link #settle} tells missing now, if all that the journal has was read. */
  public Set<EventId> missing(long now) {
    Set<EventId> ids = new HashSet<>();
    for (Expected made : waiting) {
      if (!isOld(made.since, now)) {
        break;
      }
      if (isMissing(made, now)) {
        ids.add(made.event.id());
      }
    }
    return ids;
  }

  private boolean isMissing(Expected made, long now) {
    return made.done && now - made.doneSince >= graceNanos;
  }

  /**
   * The journal has dead letters in the place of events that it should have, and is past: nothing
   * is to be told of these.
   *
   * @return how many they are
   */
  public int refused(Set<EventId> ids) {
    int all = waiting.size();
    waiting.removeIf(made -> made.done && ids.contains(made.event.id()));
    return all - waiting.size();
  }

  /**
   * Tells what is certain of what waits. Only if the journal's last entries were made by the same
   * rules as what was expected.
   *
   * @param durable where the journal ended
   * @param read up to where changes were read
   * @param all whether all was read that the journal had when this was called last and was true
   */
  public List<Discrepancy> settle(Position durable, Position read, boolean all, long now) {
    settledAt = now;
    List<Discrepancy> discrepancies = new ArrayList<>();
    suspected.forEach(each -> discrepancies.addAll(told(each.kind(), each.event(), each.detail())));
    suspected.clear();
    Expected oldestLate = null;
    int late = 0;
    List<Expected> missing = new ArrayList<>();
    for (Expected made : waiting) {
      if (!isOld(made.since, now)) {
        break;
      }
      if (made.through == null || made.through.compareTo(durable) > 0) {
        oldestLate = oldestLate == null ? made : oldestLate;
        late++;
      } else if (all && isMissing(made, now)) {
        missing.add(made);
      } else if (all && !made.done) {
        made.done = true;
        made.doneSince = now;
      }
    }
    for (Expected made : missing) {
      waiting.remove(made);
      lost.put(made.identity, true);
      discrepancies.addAll(
          told(Kind.MISSING, made.event, "the journal ends behind it, at " + durable));
    }
    if (oldestLate != null && oldestLate.number > lateTold) {
      String detail =
          "the journal ends before it, at " + durable + "; " + late + " in all are late";
      discrepancies.addAll(told(Kind.LATE, oldestLate.event, detail));
      lateTold = expected;
    }
    discrepancies.addAll(unexplained(durable, read, now));
    return discrepancies;
  }

  private List<Discrepancy> unexplained(Position durable, Position read, long now) {
    List<Found> certain = new ArrayList<>();
    for (Found there : unexplained) {
      if (!isOld(there.since, now)) {
        break;
      }
      if (there.through == null) {
        there.through = durable;
      } else if (there.through.compareTo(read) <= 0) {
        certain.add(there);
      }
    }
    List<Discrepancy> discrepancies = new ArrayList<>();
    for (Found there : certain) {
      unexplained.remove(there);
      discrepancies.addAll(unexplained(there));
    }
    return discrepancies;
  }

  /** What the journal was given before the audit may be of changes that it has not read. */
  private List<Discrepancy> unexplained(Found there) {
    if (isOfOpening(there.event)) {
      leftOut++;
      return List.of();
    }
    if (seen.containsKey(there.identity)) {
      return doubled(there.entry);
    }
    if (isBefore(there.identity)) {
      leftOut++;
      return List.of();
    }
    return told(
        Kind.UNEXPECTED,
        there.event,
        "it is at " + place(there.entry) + ", and no change makes it");
  }

  /** Of a transaction of which the audit read the end alone. */
  private boolean isOfOpening(DomainEvent event) {
    return start.openXid() != 0
        && Long.toString(start.openXid()).equals(event.extensions().get("xid"));
  }

  private boolean isBefore(Identity identity) {
    return identity.position() != null
        && Position.parse(identity.position()).compareTo(start.position()) < 0;
  }

  private List<Discrepancy> told(Kind kind, DomainEvent event, String detail) {
    wrong.merge(kind, 1L, Long::sum);
    return List.of(new Discrepancy(kind, event, detail));
  }

  /** Whether nothing is in flight, nor to be told. */
  public boolean isSettled() {
    return waiting.isEmpty() && suspected.isEmpty();
  }

  /** What came of it until now. */
  public Tally tally(long now) {
    Long oldest = oldestWaiting();
    return new Tally(
        expected,
        found,
        wrong,
        waiting.size(),
        Duration.ofNanos(oldest == null ? 0 : now - oldest),
        unexplained.size(),
        backfilled,
        leftOut);
  }
}
