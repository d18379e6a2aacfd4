package io.rowbell.testkit.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * One thing that can happen.
 *
 * @param process to which process; 0 if to none
 */
record Action(Kind kind, int process) {
  /** What can happen; those that bring the work on in the order in which they do so best. */
  enum Kind {
    /** A process takes the advisory lock. */
    CLAIM(Nature.WORK),
    /** It opens the journal, which fences the writer before. */
    FENCE(Nature.WORK),
    /** It reads D and what rules remember. */
    READ_POSITION(Nature.WORK),
    /** It opens a stream from D, the first one or another one after it lost one. */
    CONNECT(Nature.WORK),
    /** The append takes effect, and it is told so. */
    APPEND(Nature.WORK),
    /** It reads one message of the stream. */
    READ(Nature.WORK),
    /** It evaluates what was gathered. */
    EVALUATE(Nature.WORK),
    /** The next poll tells the slot what the offset store answers. */
    FEEDBACK(Nature.WORK),
    /** Applications write one record. */
    WRITE(Nature.WORK),

    /** PostgreSQL writes the slot to disk. */
    SAVE_SLOT(Nature.CHANCE),
    /** PostgreSQL asks whether we live, and the driver answers by itself. */
    KEEPALIVE(Nature.CHANCE),
    /** A process is stopped in good order. */
    STOP(Nature.CHANCE),
    /** An append in doubt takes effect after all. */
    DOUBTED_APPEND(Nature.CHANCE),

    /** A process is killed. */
    KILL(Nature.FAULT),
    /** PostgreSQL is killed: the slot moves back to what is on disk. */
    KILL_DATABASE(Nature.FAULT),
    /** The replication connection is lost. */
    LOSE_STREAM(Nature.FAULT),
    /** The session that holds the advisory lock is lost, and nobody is told. */
    LOSE_LOCK(Nature.FAULT),
    /** The append takes effect, but the answer is lost. */
    LOSE_ANSWER(Nature.FAULT),
    /** The append does not take effect, and nobody can tell. */
    LOSE_APPEND(Nature.FAULT),
    /** Whether the append will take effect is open. */
    LEAVE_IN_DOUBT(Nature.FAULT),
    /** The journal has no room for the append. */
    FULL(Nature.FAULT),
    /** The journal cannot be read at a start. */
    UNREADABLE(Nature.FAULT),
    /** Somebody drops the slot and makes it anew where the log is now. */
    MAKE_SLOT_ANEW(Nature.FAULT);

    private final Nature nature;

    Kind(Nature nature) {
      this.nature = nature;
    }

    /** Whether it brings the work on. */
    boolean isWork() {
      return nature == Nature.WORK;
    }

    /** Whether it goes wrong. */
    boolean isFault() {
      return nature == Nature.FAULT;
    }

    /** Whether it happens to one process. */
    boolean isOfProcess() {
      return switch (this) {
        case WRITE, SAVE_SLOT, DOUBTED_APPEND, KILL_DATABASE, MAKE_SLOT_ANEW -> false;
        default -> true;
      };
    }
  }

  private enum Nature {
    WORK,
    CHANCE,
    FAULT
  }

  /** All that can happen to so many processes. */
  static List<Action> all(int processes) {
    List<Action> all = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (int i = 0; i < (kind.isOfProcess() ? processes : 1); i++) {
        all.add(new Action(kind, i));
      }
    }
    return List.copyOf(all);
  }

  /** Reads {@link #toString}. */
  static Action parse(String text) {
    String[] parts = text.split(":", -1);
    return parts.length == 1
        ? new Action(Kind.valueOf(parts[0]), 0)
        : new Action(Kind.valueOf(parts[1]), Integer.parseInt(parts[0]) - 1);
  }

  /** For example {@code 1:APPEND}, {@code KILL_DATABASE}. */
  @Override
  public String toString() {
    return kind.isOfProcess() ? process + 1 + ":" + kind : kind.toString();
  }
}
