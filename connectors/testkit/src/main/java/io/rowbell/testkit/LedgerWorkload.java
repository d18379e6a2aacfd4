package io.rowbell.testkit;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Writers that move money between the accounts of a {@link Ledger}, each over a connection of its
 * own, in transactions of all shapes; what they do follows from a seed.
 *
 * <pre>{@code
 * try (LedgerWorkload load = LedgerWorkload.on(ledger).seed(7).writers(3).start()) {
 *   load.awaitCommits(100);
 *   server.kill();
 *   server.restart();
 *   load.finish();
 * }
 * }</pre>
 *
 * <p>A writer whose connection is lost makes another one, as often as it must, looks in the ledger
 * whether its last transaction was committed, ends what it had prepared, and goes on. Safe to use
 * from several threads.
 */
public final class LedgerWorkload implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Ledger ledger;
  private final Plan plan;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong commits = new AtomicLong();
  private final AtomicLong rollbacks = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final AtomicLong ceiling;
  private volatile boolean stopping;

  /** How a transaction is made up. */
  public enum Shape {
    /** Two accounts, two entries. */
    TRANSFER,
    /** Many entries in one INSERT. */
    MULTI_ROW,
    /** Many entries in one COPY: they share a position in the log. */
    COPY,
    /** Savepoints within savepoints, some of them released, some rolled back. */
    SAVEPOINTS,
    /** All of it rolled back. */
    ROLLED_BACK,
    /** PREPARE TRANSACTION, others meanwhile, COMMIT PREPARED. */
    PREPARED,
    /** PREPARE TRANSACTION, others meanwhile, ROLLBACK PREPARED. */
    PREPARED_ROLLED_BACK,
    /** Open for a while, with pauses, so that many others commit meanwhile. */
    LONG
  }

  /**
   * What writers do.
   *
   * @param ahead how many transactions there may be more than were waited for
   * @param shapes of what they choose; one that is there twice is chosen twice as often
   */
  record Plan(
      long seed,
      int writers,
      Duration pause,
      int copyRows,
      int transactions,
      int ahead,
      List<Shape> shapes) {}

  /** A workload that is about to start. */
  public static final class Builder {
    private final Ledger ledger;
    private long seed = 1;
    private int writers = 3;
    private Duration pause = Duration.ofMillis(5);
    private int copyRows = 200;
    private int transactions = Integer.MAX_VALUE;
    private int ahead = Integer.MAX_VALUE;
    private List<Shape> shapes =
        List.of(
            Shape.TRANSFER,
            Shape.TRANSFER,
            Shape.TRANSFER,
            Shape.TRANSFER,
            Shape.MULTI_ROW,
            Shape.MULTI_ROW,
            Shape.COPY,
            Shape.SAVEPOINTS,
            Shape.SAVEPOINTS,
            Shape.ROLLED_BACK,
            Shape.PREPARED,
            Shape.PREPARED_ROLLED_BACK,
            Shape.LONG);

    private Builder(Ledger ledger) {
      this.ledger = ledger;
    }

    /** What all choices follow from. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** How many connections write at once; 3 unless said. */
    public Builder writers(int count) {
      writers = count;
      return this;
    }

    /** How long each writer waits between two transactions; 5 ms unless said. */
    public Builder pause(Duration time) {
      pause = time;
      return this;
    }

    /** How many rows a COPY has; 200 unless said. */
    public Builder copyRows(int rows) {
      copyRows = rows;
      return this;
    }

    /** After how many transactions each writer ends by itself; never unless said. */
    public Builder transactions(int each) {
      transactions = each;
      return this;
    }

    /**
     * How many transactions more are committed than {@link LedgerWorkload#awaitCommits} has waited
     * for; any number unless said. So what is written follows from what is done to the system, and
     * not from how long a machine takes for it.
     */
    public Builder ahead(int most) {
      ahead = most;
      return this;
    }

    /** Of what shapes writers choose; all unless said. One that is named twice is chosen so. */
    public Builder shapes(Shape... of) {
      shapes = List.of(of);
      return this;
    }

    /** Starts the writers. */
    public LedgerWorkload start() {
      LedgerWorkload load =
          new LedgerWorkload(
              ledger, new Plan(seed, writers, pause, copyRows, transactions, ahead, shapes));
      load.threads.forEach(Thread::start);
      return load;
    }
  }

  private LedgerWorkload(Ledger ledger, Plan plan) {
    this.ledger = ledger;
    this.plan = plan;
    this.ceiling = new AtomicLong(plan.ahead());
    for (int writer = 0; writer < plan.writers(); writer++) {
      LedgerWriter work = new LedgerWriter(this, ledger, plan, writer);
      Thread thread = new Thread(() -> run(work), "ledger-writer-" + writer);
      thread.setDaemon(true);
      threads.add(thread);
    }
  }

  /** A workload for a ledger. */
  public static Builder on(Ledger ledger) {
    return new Builder(ledger);
  }

  private void run(LedgerWriter writer) {
    try {
      writer.run();
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    }
  }

  boolean isStopping() {
    return stopping;
  }

  /** Whether as much is committed as may be for now. */
  boolean isFarAhead() {
    return commits() >= ceiling.get();
  }

  void committed(String transaction) {
    acknowledged.add(transaction);
    commits.incrementAndGet();
  }

  void rolledBack() {
    rollbacks.incrementAndGet();
  }

  void foundOut(String transaction, boolean committed) {
    unknown.incrementAndGet();
    if (committed) {
      committed(transaction);
    } else {
      rolledBack();
    }
  }

  /** How many transactions are known to be committed. */
  public long commits() {
    return commits.get();
  }

  /** How many were rolled back or lost. */
  public long rollbacks() {
    return rollbacks.get();
  }

  /** Of how many the outcome was not told and had to be looked up. */
  public long unknownOutcomes() {
    return unknown.get();
  }

  /** Waits until so many more transactions are committed than now, or all writers have ended. */
  public void awaitCommits(long more) {
    long until = commits() + more;
    ceiling.accumulateAndGet(until + plan.ahead(), Math::max);
    Deadline deadline = Deadline.in(PATIENCE);
    while (commits() < until && threads.stream().anyMatch(Thread::isAlive)) {
      requireHealthy();
      if (deadline.passed()) {
        throw new IllegalStateException("not " + more + " commits within " + PATIENCE);
      }
      deadline.pause();
    }
  }

  private void requireHealthy() {
    Throwable why = failure.get();
    if (why != null) {
      throw new IllegalStateException("a writer failed, seed " + plan.seed(), why);
    }
  }

  /** Waits until the writers have ended by themselves, as {@link Builder#transactions} says. */
  public void awaitEnd(Duration time) {
    join(time);
  }

  /**
   * Lets each writer end its transaction, and looks whether the database has all that it said was
   * committed.
   *
   * @throws IllegalStateException if a writer failed, or a commit that was acknowledged is gone
   */
  public void finish() throws SQLException {
    stopping = true;
    join(PATIENCE);
    Set<String> lost = new HashSet<>(acknowledged);
    ledger
        .server()
        .query(ledger.database(), "SELECT DISTINCT tx FROM ledger")
        .forEach(row -> lost.remove(row.get(0)));
    if (!lost.isEmpty()) {
      throw new IllegalStateException("PostgreSQL has lost acknowledged transactions: " + lost);
    }
  }

  private void join(Duration time) {
    try {
      for (Thread thread : threads) {
        thread.join(time.toMillis());
        if (thread.isAlive()) {
          throw new IllegalStateException(thread.getName() + " did not end within " + time);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the writers", e);
    }
    requireHealthy();
  }

  /** Tells the writers to end; waits for nobody. */
  @Override
  public void close() {
    stopping = true;
  }
}
