package io.rowbell.engine;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventId;
import io.rowbell.spi.Act;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Batch;
import io.rowbell.spi.CursorRange;
import io.rowbell.spi.Decision;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalFactory;
import io.rowbell.spi.JournalStatus;
import io.rowbell.spi.Resume;
import io.rowbell.spi.StateChange;
import io.rowbell.spi.SubscriberRecord;
import io.rowbell.spi.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A journal in memory that outlives its openings and can be told to fail. What an append that
 * failed did is chosen by the test: nothing, or all of it.
 */
final class ModelJournal implements JournalFactory<ModelJournal.Settings> {
  /** No settings. */
  record Settings() {}

  /**
   * What goes wrong with an append, and whether it took effect all the same.
   *
   * @param kind null if whoever appends is killed
   */
  record Fault(JournalException.@Nullable Kind kind, boolean done) {
    /** Whoever appends is killed. */
    static Fault kill(boolean done) {
      return new Fault(null, done);
    }
  }

  /** Ends an engine as nothing that it could handle would. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Killed() {
      super("killed by the test", null, false, false);
    }
  }

  private final List<DomainEvent> events = new ArrayList<>();
  private final List<DeadLetter> deadLetters = new ArrayList<>();
  private final Deque<Fault> faults = new ArrayDeque<>();
  private final Deque<JournalException.Kind> cursorFaults = new ArrayDeque<>();
  private final Map<String, Integer> cursors = new HashMap<>();
  private Resume resume = Resume.NEW;
  private int openings;
  private int failingOpenings;
  private boolean full;
  private int soundAppends;
  private int largestState = Journal.STATE_BYTES;

  /** The next appends fail like this, in order. */
  synchronized ModelJournal failing(Fault... next) {
    return failingAfter(0, next);
  }

  /** Some appends succeed; those after them fail like this, in order. */
  synchronized ModelJournal failingAfter(int appends, Fault... next) {
    soundAppends = appends;
    faults.addAll(List.of(next));
    return this;
  }

  /** How many bytes it takes for one named value. */
  synchronized ModelJournal taking(int bytes) {
    largestState = bytes;
    return this;
  }

  /** So many openings fail. */
  synchronized void failingOpenings(int next) {
    failingOpenings = next;
  }

  /** Where a subscriber's cursor stands. */
  synchronized int cursor(String subscriber) {
    return cursors.getOrDefault(subscriber, 0);
  }

  /** The next commits of any subscriber fail like this, in order. */
  synchronized ModelJournal failingCommits(JournalException.Kind... next) {
    cursorFaults.addAll(List.of(next));
    return this;
  }

  /** Whether there is no room for an append or a commit. */
  synchronized void full(boolean now) {
    full = now;
  }

  private void refuseIfFull() throws JournalException {
    if (full) {
      throw new JournalException(JournalException.Kind.FULL, "no room in the test", null);
    }
  }

  synchronized List<String> types() {
    return events.stream().map(DomainEvent::type).toList();
  }

  synchronized List<DomainEvent> events() {
    return List.copyOf(events);
  }

  synchronized List<DeadLetter> deadLetters() {
    return List.copyOf(deadLetters);
  }

  synchronized int openings() {
    return openings;
  }

  synchronized Resume resume() {
    return resume;
  }

  @Override
  public String name() {
    return "model";
  }

  @Override
  public Class<Settings> settingsType() {
    return Settings.class;
  }

  @Override
  public synchronized Journal open(Settings settings, AdapterContext context)
      throws JournalException {
    openings++;
    if (failingOpenings > 0) {
      failingOpenings--;
      throw new JournalException(JournalException.Kind.UNAVAILABLE, "no answer in the test", null);
    }
    return new Opening();
  }

  @Override
  public int largestState(Settings settings, AdapterContext context) {
    return largestState;
  }

  @Override
  public Optional<Resume> peek(Settings settings, AdapterContext context) {
    return Optional.of(resume());
  }

  @Override
  public EventReader openReader(Settings settings, AdapterContext context, Journal.Start start) {
    return new Cursor("reader " + System.identityHashCode(context), Set.of());
  }

  @Override
  public synchronized void readDeadLetters(
      Settings settings,
      AdapterContext context,
      Predicate<DeadLetter> wanted,
      int max,
      Consumer<DeadLetter> reader) {
    deadLetters.stream().filter(wanted).forEach(reader);
  }

  @Override
  public List<SubscriberRecord> readSubscribers(Settings settings, AdapterContext context) {
    return List.of();
  }

  @Override
  public List<Act> readActs(Settings settings, AdapterContext context, int max) {
    return List.of();
  }

  private synchronized void append(Batch batch) throws JournalException {
    refuseIfFull();
    Fault fault = soundAppends-- > 0 ? null : faults.poll();
    if (fault == null || fault.done()) {
      if (resume.checkpoint() != null && batch.checkpoint().compareTo(resume.checkpoint()) < 0) {
        throw new AssertionError(batch.checkpoint() + " lies before " + resume.checkpoint());
      }
      events.addAll(batch.events());
      deadLetters.addAll(batch.deadLetters());
      Map<String, byte[]> state = new HashMap<>(resume.state());
      for (StateChange change : batch.state()) {
        byte[] value = change.value();
        if (value != null && value.length > largestState) {
          throw new JournalException(JournalException.Kind.FATAL, "too large a value", null);
        }
        if (value == null) {
          state.remove(change.name());
        } else {
          state.put(change.name(), value);
        }
      }
      resume = new Resume(batch.database(), batch.checkpoint(), state);
      notifyAll();
    }
    if (fault != null) {
      throw failure(fault);
    }
  }

  private static JournalException failure(Fault fault) {
    JournalException.Kind kind = fault.kind();
    if (kind == null) {
      throw new Killed();
    }
    return new JournalException(kind, "a fault of the test", null);
  }

  private final class Opening implements Journal {
    @Override
    public Resume resume() {
      return ModelJournal.this.resume();
    }

    @Override
    public int largestState() {
      return largestState;
    }

    @Override
    public void append(Batch batch) throws JournalException {
      ModelJournal.this.append(batch);
    }

    @Override
    public Subscription subscribe(String subscriber, Set<String> types, Start start) {
      return new Cursor(subscriber, types);
    }

    @Override
    public void drop(List<DeadLetter> letters, Act act) {
      synchronized (ModelJournal.this) {
        deadLetters.removeAll(letters);
      }
    }

    @Override
    public void forget(String subscriber, Act act) {
      synchronized (ModelJournal.this) {
        cursors.remove(subscriber);
      }
    }

    @Override
    public JournalStatus status() {
      return new JournalStatus(-1, -1, -1, Map.of(), Map.of());
    }

    @Override
    public void close() {}
  }

  private final class Cursor implements Subscription {
    private final String name;
    private final Set<String> types;
    private int next;

    Cursor(String name, Set<String> types) {
      this.name = name;
      this.types = types;
      synchronized (ModelJournal.this) {
        next = cursors.getOrDefault(name, 0);
      }
    }

    @Override
    public List<Entry> poll(int max, long maxBytes, Duration timeout) throws InterruptedException {
      synchronized (ModelJournal.this) {
        long end = System.nanoTime() + timeout.toNanos();
        while (next == events.size() && end - System.nanoTime() > 0) {
          TimeUnit.NANOSECONDS.timedWait(ModelJournal.this, end - System.nanoTime());
        }
        List<Entry> entries = new ArrayList<>();
        long bytes = 0;
        for (; next < events.size() && entries.size() < max && bytes < maxBytes; next++) {
          if (types.isEmpty() || types.contains(events.get(next).type())) {
            entries.add(new Entry("all", next, events.get(next)));
            bytes += events.get(next).heapBytes();
          }
        }
        return entries;
      }
    }

    @Override
    public boolean caughtUp() {
      synchronized (ModelJournal.this) {
        return next == events.size();
      }
    }

    @Override
    public Set<ParkedKey> parkedKeys() {
      return Set.of();
    }

    @Override
    public Set<ParkedKey> retriedKeys() {
      return Set.of();
    }

    @Override
    public boolean isPaused() {
      return false;
    }

    @Override
    public List<DeadLetter> deadLetters(ParkedKey key, int max, long maxBytes) {
      return List.of();
    }

    @Override
    public List<EventId> deadLetterIds(ParkedKey key, int max) {
      return List.of();
    }

    @Override
    public void decide(Decision decision, Act act) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, CursorRange> ranges() {
      return Map.of();
    }

    @Override
    public Optional<Map<String, Long>> offsetsAt(Instant time) {
      return Optional.empty();
    }

    @Override
    public void commit(Progress progress) throws JournalException {
      synchronized (ModelJournal.this) {
        refuseIfFull();
        JournalException.@Nullable Kind fault = cursorFaults.poll();
        if (fault != null) {
          throw new JournalException(fault, "a fault of the test", null);
        }
        progress.nextOffsets().values().forEach(offset -> cursors.put(name, offset.intValue()));
        deadLetters.addAll(progress.deadLetters());
      }
    }

    @Override
    public void close() {}
  }
}
