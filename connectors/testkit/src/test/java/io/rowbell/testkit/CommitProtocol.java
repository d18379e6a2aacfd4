package io.rowbell.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The commit protocol as a plain state machine: a database with a slot, a journal, an engine and
 * the zombie of one, each moved by single steps, and every way in which a step can go wrong.
 *
 * <p>Positions are counted in transactions. {@code D = (transactions, rows)}: so many whole
 * transactions are in the journal, and so many rows of the next, which was too large for one batch.
 */
final class CommitProtocol {
  /** The rows of each transaction, in commit order; a batch takes two. */
  private static final int[] TRANSACTIONS = {1, 3, 1, 2, 5};

  private static final int ROWS_AT_ONCE = 2;

  /** Ways to get it wrong. */
  enum Flaw {
    /** The slot is told before the journal has it. */
    CONFIRM_BEFORE_APPEND,
    /** A start goes on from the slot's position instead of the journal's. */
    RESUME_FROM_SLOT,
    /** The events are durable before the position is. */
    EVENTS_BEFORE_POSITION,
    /** The position is durable before the events are. */
    POSITION_BEFORE_EVENTS,
    /** An append whose outcome is not known is done again. */
    RETRY_BLINDLY,
    /** The rows of a large transaction that are in the journal are not counted. */
    FORGET_ROWS_OF_OPEN_TRANSACTION,
    /** Opening the journal does not fence the writer before. */
    NO_FENCE
  }

  /** D. */
  record At(int transactions, int rows) implements Comparable<At> {
    @Override
    public int compareTo(At other) {
      return transactions != other.transactions
          ? Integer.compare(transactions, other.transactions)
          : Integer.compare(rows, other.rows);
    }
  }

  /**
   * PostgreSQL.
   *
   * @param confirmed the slot's {@code confirmed_flush}
   * @param saved what of it is on disk: where a crash moves it back to
   */
  record Database(int confirmed, int saved) {}

  /**
   * @param events the ids of the rows whose events are durable
   * @param at D
   * @param epoch counts its writers
   */
  record Journal(List<Integer> events, At at, int epoch) {
    Journal append(List<Integer> more, At to) {
      List<Integer> all = new ArrayList<>(events);
      all.addAll(more);
      return new Journal(List.copyOf(all), to, epoch);
    }
  }

  /** What an engine is about to do. */
  enum Next {
    START,
    READ,
    APPEND,
    APPEND_REST,
    CONFIRM
  }

  /**
   * @param from where it reads next
   * @param batch what it has read
   * @param to D once the batch is durable
   * @param epoch which writer of the journal it is
   */
  record Engine(Next next, At from, List<Integer> batch, At to, int epoch) {
    static final At NOWHERE = new At(0, 0);
    static final Engine DOWN = new Engine(Next.START, NOWHERE, List.of(), NOWHERE, 0);

    Engine then(Next step) {
      return new Engine(step, from, batch, to, epoch);
    }

    Engine onward() {
      return new Engine(Next.READ, to, List.of(), to, epoch);
    }
  }

  /**
   * @param zombie an engine whose connection to the database is gone and that does not know it yet
   * @param faults how many may still happen
   */
  record World(
      Database database, Journal journal, Engine engine, @Nullable Engine zombie, int faults) {
    World with(Database changed) {
      return new World(changed, journal, engine, zombie, faults);
    }

    World with(Journal changed) {
      return new World(database, changed, engine, zombie, faults);
    }

    World with(Engine changed) {
      return new World(database, journal, changed, zombie, faults);
    }

    World withZombie(@Nullable Engine changed) {
      return new World(database, journal, engine, changed, faults);
    }

    World oneFaultLess() {
      return new World(database, journal, engine, zombie, faults - 1);
    }
  }

  /** A step and what it leads to. */
  record Step(String name, World to) {}

  private final Set<Flaw> flaws;

  CommitProtocol(Set<Flaw> flaws) {
    this.flaws = flaws;
  }

  static World start(int faults) {
    return new World(
        new Database(0, 0), new Journal(List.of(), new At(0, 0), 0), Engine.DOWN, null, faults);
  }

  /** Every id, in commit order. */
  static List<Integer> allEvents() {
    return IntStream.range(0, TRANSACTIONS.length)
        .boxed()
        .flatMap(t -> IntStream.range(0, TRANSACTIONS[t]).mapToObj(row -> id(t, row)))
        .toList();
  }

  private static int id(int transaction, int row) {
    return transaction * 100 + row;
  }

  /** How many events belong to a position. */
  static int covered(At at) {
    return IntStream.of(TRANSACTIONS).limit(at.transactions()).sum() + at.rows();
  }

  /** All that can happen next. */
  List<Step> steps(World world) {
    List<Step> steps = new ArrayList<>();
    engineSteps(world, steps);
    Engine zombie = world.zombie();
    if (zombie != null) {
      // Its feedback reaches nobody: all it can still do is append.
      append(world.withZombie(null), zombie, "the zombie appends", steps, false);
    }
    if (world.database().saved() < world.database().confirmed()) {
      Database saved = new Database(world.database().confirmed(), world.database().confirmed());
      steps.add(new Step("PostgreSQL saves the slot", world.with(saved)));
    }
    if (world.faults() > 0) {
      faults(world.oneFaultLess(), steps);
    }
    return steps;
  }

  private void engineSteps(World world, List<Step> steps) {
    Engine engine = world.engine();
    switch (engine.next()) {
      case START -> steps.add(new Step("the engine starts", started(world)));
      case READ -> {
        Engine read = read(engine);
        if (!read.batch().isEmpty()) {
          steps.add(new Step("the engine reads " + read.batch(), world.with(read)));
        }
      }
      case APPEND, APPEND_REST -> append(world, engine, "the engine appends", steps, true);
      case CONFIRM -> {
        Next next = flaws.contains(Flaw.CONFIRM_BEFORE_APPEND) ? Next.APPEND : Next.READ;
        World confirmed =
            world.with(
                new Database(
                    Math.max(world.database().confirmed(), engine.to().transactions()),
                    world.database().saved()));
        steps.add(
            new Step(
                "the engine confirms " + engine.to(),
                confirmed.with(next == Next.READ ? engine.onward() : engine.then(next))));
      }
    }
  }

  private World started(World world) {
    Journal fenced =
        new Journal(world.journal().events(), world.journal().at(), world.journal().epoch() + 1);
    At at = fenced.at();
    if (flaws.contains(Flaw.RESUME_FROM_SLOT)) {
      at = new At(world.database().confirmed(), 0);
    } else if (flaws.contains(Flaw.FORGET_ROWS_OF_OPEN_TRANSACTION)) {
      at = new At(at.transactions(), 0);
    }
    // PostgreSQL sends nothing before confirmed_flush, whatever it is asked for.
    if (world.database().confirmed() > at.transactions()) {
      at = new At(world.database().confirmed(), 0);
    }
    return world.with(fenced).with(new Engine(Next.READ, at, List.of(), at, fenced.epoch()));
  }

  /** Small transactions whole, a large one in parts. */
  private Engine read(Engine engine) {
    List<Integer> batch = new ArrayList<>();
    int transaction = engine.from().transactions();
    int row = engine.from().rows();
    while (transaction < TRANSACTIONS.length) {
      int left = TRANSACTIONS[transaction] - row;
      int room = ROWS_AT_ONCE - batch.size();
      if (left > room && (!batch.isEmpty() || room == 0)) {
        break;
      }
      int taken = Math.min(left, room);
      for (int i = 0; i < taken; i++) {
        batch.add(id(transaction, row + i));
      }
      row += taken;
      if (row < TRANSACTIONS[transaction]) {
        break;
      }
      transaction++;
      row = 0;
    }
    Next next = flaws.contains(Flaw.CONFIRM_BEFORE_APPEND) ? Next.CONFIRM : Next.APPEND;
    return new Engine(
        next, engine.from(), List.copyOf(batch), new At(transaction, row), engine.epoch());
  }

  private void append(
      World world, Engine writer, String name, List<Step> steps, boolean thenConfirm) {
    Journal journal = world.journal();
    if (writer.epoch() != journal.epoch() && !flaws.contains(Flaw.NO_FENCE)) {
      steps.add(new Step(name + " and is fenced", thenConfirm ? world.with(Engine.DOWN) : world));
      return;
    }
    Journal whole = journal.append(writer.batch(), writer.to());
    Engine after =
        flaws.contains(Flaw.CONFIRM_BEFORE_APPEND) ? writer.onward() : writer.then(Next.CONFIRM);
    if (writer.next() == Next.APPEND && flaws.contains(Flaw.EVENTS_BEFORE_POSITION)) {
      whole = journal.append(writer.batch(), journal.at());
      after = writer.then(Next.APPEND_REST);
    } else if (writer.next() == Next.APPEND && flaws.contains(Flaw.POSITION_BEFORE_EVENTS)) {
      whole = journal.append(List.of(), writer.to());
      after = writer.then(Next.APPEND_REST);
    } else if (writer.next() == Next.APPEND_REST) {
      whole =
          flaws.contains(Flaw.EVENTS_BEFORE_POSITION)
              ? journal.append(List.of(), writer.to())
              : whole;
    }
    World appended = world.with(whole);
    steps.add(new Step(name, thenConfirm ? appended.with(after) : appended));
    if (thenConfirm && world.faults() > 0) {
      Engine doubtful = flaws.contains(Flaw.RETRY_BLINDLY) ? writer : Engine.DOWN;
      steps.add(
          new Step(
              name + ", outcome unknown: nothing is durable", world.oneFaultLess().with(doubtful)));
      steps.add(
          new Step(
              name + ", outcome unknown: all is durable", appended.oneFaultLess().with(doubtful)));
    }
  }

  private static void faults(World world, List<Step> steps) {
    Engine engine = world.engine();
    if (engine.next() != Next.START) {
      steps.add(new Step("the engine dies", world.with(Engine.DOWN)));
    }
    Database movedBack = new Database(world.database().saved(), world.database().saved());
    steps.add(
        new Step(
            "PostgreSQL dies and moves the slot back", world.with(movedBack).with(Engine.DOWN)));
    if (engine.next() == Next.APPEND && world.zombie() == null) {
      steps.add(
          new Step(
              "the engine loses its connection and another takes over",
              world.withZombie(engine).with(Engine.DOWN)));
    }
  }
}
