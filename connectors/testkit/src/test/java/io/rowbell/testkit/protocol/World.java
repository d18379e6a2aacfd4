package io.rowbell.testkit.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A database, a journal and processes: one that is active, and others that stand by or do not know
 * yet that they lost.
 *
 * @param faults how many may still happen
 * @param untroubled whether none has happened so far
 */
record World(
    Database database, Journal journal, List<Instance> processes, int faults, boolean untroubled) {

  static World of(int written, int processes, int faults) {
    List<Instance> down = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      down.add(Instance.DOWN);
    }
    return new World(
        new Database(written, 0, 0, -1, false),
        new Journal(0, Checkpoint.START, Memory.NEW, null, null),
        down,
        faults,
        true);
  }

  World with(Database changed) {
    return new World(changed, journal, processes, faults, untroubled);
  }

  World with(Journal changed) {
    return new World(database, changed, processes, faults, untroubled);
  }

  World with(int process, Instance changed) {
    List<Instance> all = new ArrayList<>(processes);
    all.set(process, changed);
    return new World(database, journal, all, faults, untroubled);
  }

  World withAll(UnaryOperator<Instance> change) {
    return new World(
        database, journal, processes.stream().map(change).toList(), faults, untroubled);
  }

  World troubled() {
    return new World(database, journal, processes, faults - 1, false);
  }

  /**
   * PostgreSQL.
   *
   * @param written how many records of the log there are
   * @param confirmed the slot's {@code confirmed_flush}
   * @param saved what of it is on disk: where a crash moves it back to
   * @param lock which process has the advisory lock; -1 if none
   * @param slotMadeAnew whether somebody dropped the slot and made it again, losing what was
   *     between
   */
  record Database(int written, int confirmed, int saved, int lock, boolean slotMadeAnew) {
    Database written(int now) {
      return new Database(now, confirmed, saved, lock, slotMadeAnew);
    }

    /** The slot never moves back on feedback. */
    Database confirm(int position) {
      return new Database(written, Math.max(confirmed, position), saved, lock, slotMadeAnew);
    }

    Database save() {
      return new Database(written, confirmed, confirmed, lock, slotMadeAnew);
    }

    Database crash() {
      return new Database(written, saved, saved, -1, slotMadeAnew);
    }

    Database lockedBy(int process) {
      return new Database(written, confirmed, saved, process, slotMadeAnew);
    }

    Database freedBy(int process) {
      return lock == process ? lockedBy(-1) : this;
    }

    Database makeSlotAnew() {
      return new Database(written, written, written, lock, true);
    }
  }

  /**
   * The journal. Its events are those that the log gives, as many as are counted here: the first
   * that is another one is kept as {@code wrong}, and ends the walk.
   *
   * @param position D
   * @param inDoubt an append that nobody knows the outcome of, and that may yet take effect
   */
  record Journal(
      int events,
      Checkpoint position,
      Memory memory,
      @Nullable Append inDoubt,
      @Nullable String wrong) {
    Journal with(WriteAheadLog log, List<Event> more) {
      for (int i = 0; i < more.size(); i++) {
        Event due = events + i < log.events().size() ? log.events().get(events + i) : null;
        if (!more.get(i).equals(due)) {
          String found = more.get(i) + " where " + (due == null ? "nothing" : due) + " is due";
          return new Journal(events + i, position, memory, inDoubt, found);
        }
      }
      return new Journal(events + more.size(), position, memory, inDoubt, wrong);
    }

    Journal at(Checkpoint to, Memory remembered) {
      return new Journal(events, to, remembered, inDoubt, wrong);
    }

    Journal inDoubt(@Nullable Append append) {
      return new Journal(events, position, memory, append, wrong);
    }
  }

  /**
   * One durable step: events, what rules remember, and D.
   *
   * @param half whether its first half took effect, for those who do it in two
   */
  record Append(List<Event> events, Memory memory, Checkpoint to, boolean half) {
    Append secondHalf() {
      return new Append(events, memory, to, true);
    }
  }

  /** What a process is to the journal. */
  enum Writing {
    NOT_YET,
    WRITER,
    FENCED
  }

  /**
   * A process.
   *
   * @param started how many steps of its start it has done
   * @param writing whether it may write to the journal
   * @param durable D as far as it knows: all that the offset store answers
   * @param memory what its rules remember
   * @param next which item of the stream it reads next; -1 without a stream
   * @param append what is about to become durable
   * @param halted whether it refused to go on
   */
  record Instance(
      int started,
      Writing writing,
      Checkpoint durable,
      Memory memory,
      int next,
      Assembler assembler,
      @Nullable Append append,
      boolean halted) {
    static final Instance DOWN =
        new Instance(
            0, Writing.NOT_YET, Checkpoint.START, Memory.NEW, -1, Assembler.EMPTY, null, false);

    boolean isStreaming() {
      return next >= 0;
    }

    Instance oneStepOn() {
      return new Instance(started + 1, writing, durable, memory, next, assembler, append, halted);
    }

    Instance writing(Writing now) {
      return new Instance(started, now, durable, memory, next, assembler, append, halted);
    }

    /** Another one has opened the journal: whatever this one does to it from here on fails. */
    Instance fenced() {
      return writing == Writing.WRITER ? writing(Writing.FENCED) : this;
    }

    Instance knowing(Checkpoint position, Memory remembered) {
      return new Instance(started, writing, position, remembered, next, assembler, append, halted);
    }

    Instance reading(int item, Assembler gathered) {
      return new Instance(started, writing, durable, memory, item, gathered, append, halted);
    }

    Instance withoutStream() {
      return reading(-1, assembler);
    }

    Instance appending(@Nullable Append now) {
      return new Instance(started, writing, durable, memory, next, assembler, now, halted);
    }

    Instance halt() {
      return new Instance(started, writing, durable, memory, -1, Assembler.EMPTY, null, true);
    }
  }
}
