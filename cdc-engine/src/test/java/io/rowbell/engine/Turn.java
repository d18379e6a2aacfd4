package io.rowbell.engine;

import io.rowbell.engine.ModelJournal.Fault;
import io.rowbell.spi.JournalException.Kind;
import org.jspecify.annotations.Nullable;

/**
 * One batch, and what becomes of it.
 *
 * @param room how many changes it has at most
 */
record Turn(int room, Fate fate) {
  /** All goes well. */
  static final Turn SOUND = new Turn(3, Fate.DURABLE);

  /** What becomes of an append. */
  enum Fate {
    DURABLE,
    KILLED_BEFORE_APPEND,
    KILLED_BEFORE_CONFIRM,
    UNKNOWN_AND_NOT_DONE,
    UNKNOWN_AND_DONE,
    /** The same, and at first the journal cannot be opened again. */
    UNKNOWN_AND_UNREADABLE,
    FULL;

    private @Nullable Fault fault() {
      return switch (this) {
        case DURABLE -> null;
        case KILLED_BEFORE_APPEND -> Fault.kill(false);
        case KILLED_BEFORE_CONFIRM -> Fault.kill(true);
        case UNKNOWN_AND_NOT_DONE -> new Fault(Kind.UNAVAILABLE, false);
        case UNKNOWN_AND_DONE, UNKNOWN_AND_UNREADABLE -> new Fault(Kind.UNAVAILABLE, true);
        case FULL -> new Fault(Kind.FULL, false);
      };
    }

    /** Prepares the journal for it. */
    void befall(ModelJournal journal) {
      Fault fault = fault();
      if (fault != null) {
        journal.failing(fault);
      }
      journal.failingOpenings(this == UNKNOWN_AND_UNREADABLE ? 1 : 0);
    }
  }

  /** Reads {@link #toString}. */
  static Turn parse(String text) {
    String[] parts = text.split(":", -1);
    return new Turn(Integer.parseInt(parts[0]), Fate.valueOf(parts[1]));
  }

  /** For example {@code 3:FULL}. */
  @Override
  public String toString() {
    return room + ":" + fate;
  }
}
