package io.rowbell.testkit.protocol;

import io.rowbell.testkit.protocol.Action.Kind;
import io.rowbell.testkit.protocol.World.Append;
import io.rowbell.testkit.protocol.World.Database;
import io.rowbell.testkit.protocol.World.Instance;
import io.rowbell.testkit.protocol.World.Journal;
import io.rowbell.testkit.protocol.World.Writing;
import io.rowbell.testkit.protocol.WriteAheadLog.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The commit protocol, each of its steps and each way in which one can go wrong.
 *
 * <p>A process starts in four steps: it takes the advisory lock, opens the journal, which fences
 * the writer before, reads D, and asks the slot for all that was committed behind D. Then it reads
 * messages, evaluates what was gathered, and appends events, what rules remember and D in one step.
 * Only then the offset store answers the new D, which the next poll, or stopping, tells the slot.
 *
 * <p>Whenever it does not know what became of an append, it starts anew. A stream that is lost is
 * opened anew from D, and what was read and not evaluated is discarded.
 */
final class CommitProtocol {
  private final WriteAheadLog log;
  private final Set<Flaw> flaws;

  /**
   * @param log made with the same flaws
   */
  CommitProtocol(WriteAheadLog log, Set<Flaw> flaws) {
    this.log = log;
    this.flaws = flaws;
  }

  WriteAheadLog log() {
    return log;
  }

  private boolean has(Flaw flaw) {
    return flaws.contains(flaw);
  }

  /**
   * What an action leads to.
   *
   * @return null if it cannot happen now
   */
  @Nullable World after(World world, Action action) {
    Kind kind = action.kind();
    if (kind.isFault()) {
      return world.faults() == 0 ? null : fault(world.troubled(), kind, action.process());
    }
    if (!kind.isOfProcess()) {
      return ofNobody(world, kind);
    }
    int id = action.process();
    Instance process = world.processes().get(id);
    if (process.halted()) {
      return null;
    }
    return switch (kind) {
      case CLAIM, FENCE, READ_POSITION ->
          kind == nextOfStart(process) ? start(world, kind, id, process) : null;
      case CONNECT ->
          isUp(process) && !process.isStreaming() && process.append() == null
              ? connect(world, id, process)
              : null;
      case READ -> read(world, id, process);
      case EVALUATE -> evaluate(world, id, process);
      case APPEND -> process.append() == null ? null : append(world, id, process);
      case FEEDBACK -> feedback(world, process);
      case KEEPALIVE -> keepalive(world, process);
      case STOP -> stop(world, id, process);
      default -> throw new IllegalArgumentException(action.toString());
    };
  }

  // A start

  private List<Kind> startOrder() {
    if (has(Flaw.FENCE_BEFORE_LOCK)) {
      return List.of(Kind.FENCE, Kind.READ_POSITION, Kind.CLAIM);
    }
    return has(Flaw.READ_POSITION_BEFORE_FENCE)
        ? List.of(Kind.CLAIM, Kind.READ_POSITION, Kind.FENCE)
        : List.of(Kind.CLAIM, Kind.FENCE, Kind.READ_POSITION);
  }

  private @Nullable Kind nextOfStart(Instance process) {
    List<Kind> order = startOrder();
    return process.started() < order.size() ? order.get(process.started()) : null;
  }

  private boolean isUp(Instance process) {
    return nextOfStart(process) == null;
  }

  private @Nullable World start(World world, Kind step, int id, Instance process) {
    Instance next = process.oneStepOn();
    Journal journal = world.journal();
    switch (step) {
      case CLAIM -> {
        return world.database().lock() == -1
            ? world.with(world.database().lockedBy(id)).with(id, next)
            : null;
      }
      case FENCE -> {
        // From here on the writer before can do nothing, nor can what it left in doubt.
        World fenced =
            has(Flaw.NO_FENCE)
                ? world
                : world.with(journal.inDoubt(null)).withAll(Instance::fenced);
        return fenced.with(id, next.writing(Writing.WRITER));
      }
      default -> {
        return world.with(id, next.knowing(journal.position(), journal.memory()));
      }
    }
  }

  /**
   * Claims anew if the lock was lost, looks whether slot and journal fit, asks for all behind D.
   */
  private World connect(World world, int id, Instance process) {
    Database database = world.database();
    if (database.lock() != id && database.lock() != -1) {
      return down(world, id); // another one is active: a second one does not wait
    }
    // The slot serves one: a stream that another one still has is ended.
    World claimed = world.with(database.lockedBy(id)).withAll(Instance::withoutStream);
    int position = process.durable().position();
    boolean fits = database.confirmed() <= position && position <= database.written();
    if (!fits && !has(Flaw.NO_PREFLIGHT)) {
      // It refuses. If it only knew an old D, because another one was active meanwhile, then it
      // goes on once it is started again; if slot and journal do not fit, it refuses for ever.
      return process.writing() == Writing.WRITER
          ? claimed.with(database.freedBy(id)).with(id, process.halt())
          : down(claimed, id);
    }
    // PostgreSQL sends nothing before confirmed_flush, whatever it is asked for.
    int from = Math.max(has(Flaw.RESUME_FROM_SLOT) ? 0 : position, database.confirmed());
    return claimed.with(
        id,
        process.reading(
            log.from(from), process.assembler().streamStarts(process.durable(), log, flaws)));
  }

  // One batch

  private @Nullable World read(World world, int id, Instance process) {
    if (!process.isStreaming() || process.append() != null || process.assembler().isFull()) {
      return null;
    }
    List<Item> items = log.items();
    if (process.next() == items.size()
        || items.get(process.next()).decides >= world.database().written()) {
      return null;
    }
    Assembler read = process.assembler().read(items.get(process.next()), flaws);
    return world.with(
        id,
        read.mismatch() && !has(Flaw.NO_PREFLIGHT)
            ? process.halt()
            : process.reading(process.next() + 1, read));
  }

  private @Nullable World evaluate(World world, int id, Instance process) {
    Assembler.Gathered gathered =
        process.isStreaming() && process.append() == null ? process.assembler().take(flaws) : null;
    if (gathered == null) {
      return null;
    }
    List<Event> events = new ArrayList<>();
    Memory memory = process.memory();
    if (has(Flaw.TIMERS_BY_OWN_CLOCK)) {
      memory = memory.elapse(world.database().written(), events);
    }
    for (Item item : gathered.items()) {
      memory = memory.read(item, events);
    }
    Append append = new Append(events, memory, gathered.to(), false);
    World evaluated =
        world.with(
            id,
            process
                .knowing(process.durable(), memory)
                .reading(process.next(), process.assembler().taken())
                .appending(append));
    return has(Flaw.CONFIRM_BEFORE_APPEND)
        ? evaluated.with(world.database().confirm(append.to().position()))
        : evaluated;
  }

  private World append(World world, int id, Instance process) {
    Append append = append(process);
    if (process.writing() == Writing.FENCED) {
      return down(world, id); // fenced: the process ends
    }
    World appended = world.with(takingEffect(world.journal(), append));
    boolean inTwo = has(Flaw.EVENTS_BEFORE_POSITION) || has(Flaw.POSITION_BEFORE_EVENTS);
    return appended.with(
        id,
        inTwo && !append.half()
            ? process.appending(append.secondHalf())
            : process.appending(null).knowing(append.to(), process.memory()));
  }

  private Journal takingEffect(Journal journal, Append append) {
    Memory memory = append.memory().durable(flaws);
    boolean events = !has(Flaw.POSITION_BEFORE_EVENTS) || append.half();
    boolean position = !has(Flaw.EVENTS_BEFORE_POSITION) || append.half();
    events &= !has(Flaw.EVENTS_BEFORE_POSITION) || !append.half();
    Journal grown = events ? journal.with(log, append.events()) : journal;
    return position ? grown.at(append.to(), memory) : grown;
  }

  private static Append append(Instance process) {
    if (process.append() == null) {
      throw new IllegalStateException("nothing is being appended");
    }
    return process.append();
  }

  // What the slot is told

  /** All that the offset store answers. */
  private int answer(Instance process) {
    if (has(Flaw.MARKING_CONFIRMS)) {
      return process.assembler().done().position();
    }
    Append append = process.append();
    return has(Flaw.GET_ANSWERS_WHAT_IS_NOT_DURABLE) && append != null
        ? append.to().position()
        : process.durable().position();
  }

  private @Nullable World feedback(World world, Instance process) {
    Database database = world.database();
    int answer = answer(process);
    return process.isStreaming() && answer > database.confirmed() && !has(Flaw.SLOT_NEVER_MOVES)
        ? world.with(database.confirm(answer))
        : null;
  }

  /** The driver answers what it was last told to have flushed: nothing that is new to the slot. */
  private @Nullable World keepalive(World world, Instance process) {
    return process.isStreaming() && has(Flaw.DRIVER_CONFIRMS_KEEPALIVES)
        ? world.with(world.database().confirm(world.database().written()))
        : null;
  }

  /** What was begun is finished; then the slot is told what the offset store answers. */
  private @Nullable World stop(World world, int id, Instance process) {
    if (!process.isStreaming() || process.append() != null) {
      return null;
    }
    int answer =
        has(Flaw.STOP_CONFIRMS_WHAT_WAS_READ)
            ? process.assembler().done().position()
            : answer(process);
    Database told =
        has(Flaw.SLOT_NEVER_MOVES) ? world.database() : world.database().confirm(answer);
    return down(world.with(told), id);
  }

  // What happens by itself

  private @Nullable World ofNobody(World world, Kind kind) {
    Database database = world.database();
    Append inDoubt = world.journal().inDoubt();
    switch (kind) {
      case WRITE -> {
        return database.written() < log.end()
            ? world.with(database.written(database.written() + 1))
            : null;
      }
      case SAVE_SLOT -> {
        return database.saved() < database.confirmed() ? world.with(database.save()) : null;
      }
      default -> {
        return inDoubt == null
            ? null
            : world.with(takingEffect(world.journal(), inDoubt).inDoubt(null));
      }
    }
  }

  private static World down(World world, int id) {
    return world.with(world.database().freedBy(id)).with(id, Instance.DOWN);
  }

  // What goes wrong

  private @Nullable World fault(World world, Kind kind, int id) {
    Database database = world.database();
    Instance process = world.processes().get(id);
    return switch (kind) {
      case KILL -> process.started() == 0 || process.halted() ? null : down(world, id);
      case KILL_DATABASE -> world.withAll(Instance::withoutStream).with(database.crash());
      case LOSE_STREAM -> process.isStreaming() ? world.with(id, process.withoutStream()) : null;
      case LOSE_LOCK -> database.lock() == id ? world.with(database.lockedBy(-1)) : null;
      case LOSE_ANSWER, LOSE_APPEND, LEAVE_IN_DOUBT, FULL ->
          process.append() == null || process.writing() == Writing.FENCED
              ? null
              : appendFails(world, kind, id, process);
      case UNREADABLE ->
          nextOfStart(process) == Kind.READ_POSITION ? unreadable(world, id, process) : null;
      case MAKE_SLOT_ANEW ->
          log.nothingOpenAt(database.written())
                  && world.processes().stream().noneMatch(Instance::isStreaming)
              ? world.with(database.makeSlotAnew())
              : null;
      default -> throw new IllegalArgumentException(kind.toString());
    };
  }

  private World appendFails(World world, Kind kind, int id, Instance process) {
    Append append = append(process);
    Journal journal = world.journal();
    World left =
        switch (kind) {
          case LOSE_ANSWER -> world.with(takingEffect(journal, append));
          case LEAVE_IN_DOUBT -> world.with(journal.inDoubt(append));
          default -> world;
        };
    if (has(Flaw.DROP_FAILED_BATCH)) {
      return left.with(id, process.appending(null));
    }
    if (kind == Kind.FULL) {
      return waitForRoom(left, id, process);
    }
    return has(Flaw.RETRY_BLINDLY) ? left : down(left, id);
  }

  /** The journal stays open and says what it holds; from there the stream is opened anew. */
  private World waitForRoom(World world, int id, Instance process) {
    Memory memory =
        has(Flaw.KEEP_MEMORY_OF_FAILED_APPEND) ? process.memory() : world.journal().memory();
    return world.with(
        id, process.withoutStream().appending(null).knowing(process.durable(), memory));
  }

  private World unreadable(World world, int id, Instance process) {
    return has(Flaw.UNREADABLE_IS_NEW)
        ? world.with(
            id,
            process.oneStepOn().knowing(Checkpoint.at(world.database().confirmed()), Memory.NEW))
        : down(world, id);
  }
}
