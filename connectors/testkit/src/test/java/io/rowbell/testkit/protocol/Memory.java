package io.rowbell.testkit.protocol;

import io.rowbell.testkit.protocol.WriteAheadLog.Item;
import java.util.List;
import java.util.Set;

/**
 * What rules remember, and the rules: one numbers its events; one tells at a transaction's end how
 * many rows it had; one fires when some time has passed since a transaction. Time is the commits'
 * own.
 *
 * @param number how many rows there were
 * @param rowsOfOpen how many of them the transaction at hand had so far
 * @param due when what is waited for is due; 0 if nothing is
 * @param waitsFor the LSN of the row that it is waited for
 */
record Memory(int number, int rowsOfOpen, int due, int waitsFor) {
  static final Memory NEW = new Memory(0, 0, 0, 0);

  private static final int WAIT = 4;

  /**
   * Evaluates.
   *
   * @param events what this makes is added
   * @return what is remembered from here on
   */
  Memory read(Item item, List<Event> events) {
    if (item.type == WriteAheadLog.ItemType.BEGIN || !item.wanted) {
      return this;
    }
    Memory now = elapse(item.decides, events);
    return switch (item.type) {
      case ROW -> now.row(item, events);
      case COMMIT -> now.commit(item, events);
      case BEGIN, MARKER -> now;
    };
  }

  /** Time has come. */
  Memory elapse(int time, List<Event> events) {
    if (due == 0 || time < due) {
      return this;
    }
    events.add(new Event(Event.Cause.TIMER, ' ', waitsFor, 0, number));
    return new Memory(number, rowsOfOpen, 0, 0);
  }

  private Memory row(Item row, List<Event> events) {
    events.add(new Event(Event.Cause.ROW, row.xid, row.lsn, row.index, number + 1));
    return due == 0
        ? new Memory(number + 1, rowsOfOpen + 1, row.decides + WAIT, row.lsn)
        : new Memory(number + 1, rowsOfOpen + 1, due, waitsFor);
  }

  private Memory commit(Item commit, List<Event> events) {
    if (rowsOfOpen > 0) {
      events.add(new Event(Event.Cause.COMMIT, commit.xid, commit.lsn, 0, rowsOfOpen));
    }
    return new Memory(number, 0, due, waitsFor);
  }

  /** What an append keeps of it. */
  Memory durable(Set<Flaw> flaws) {
    if (flaws.contains(Flaw.STATE_NOT_IN_APPEND)) {
      return NEW;
    }
    return flaws.contains(Flaw.OPEN_TRANSACTION_NOT_IN_STATE)
        ? new Memory(number, 0, due, waitsFor)
        : this;
  }
}
