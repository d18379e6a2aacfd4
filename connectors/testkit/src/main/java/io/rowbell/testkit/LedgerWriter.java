package io.rowbell.testkit;

import io.rowbell.testkit.LedgerWorkload.Plan;
import io.rowbell.testkit.LedgerWorkload.Shape;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** One connection's work in a {@link LedgerWorkload}. Used by one thread. */
final class LedgerWriter {
  /** A ledger row's id tells its writer. */
  private static final long IDS = 1_000_000_000L;

  private static final int MOST_ROWS = 20;
  private static final Duration LONG_STEP = Duration.ofMillis(30);

  /** Between two looks whether more may be written. */
  private static final Duration WAIT = Duration.ofMillis(20);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final LedgerWorkload load;
  private final Ledger ledger;
  private final Plan plan;
  private final int number;
  private final int own;
  private final Random random;
  private long nextId;
  private int transaction;
  private @Nullable Connection connection;

  LedgerWriter(LedgerWorkload load, Ledger ledger, Plan plan, int number) {
    this.load = load;
    this.ledger = ledger;
    this.plan = plan;
    this.number = number;
    this.own = Ledger.ownAccount(number);
    this.random = new Random(plan.seed() * 31 + number);
    this.nextId = (number + 1) * IDS;
  }

  void run() throws SQLException, IOException {
    try {
      while (!load.isStopping() && transaction < plan.transactions()) {
        if (load.isFarAhead()) {
          pause(WAIT);
          continue;
        }
        transaction++;
        Shape shape = plan.shapes().get(random.nextInt(plan.shapes().size()));
        try {
          if (connection == null) {
            connect();
          }
          write(shape, new Steps(Objects.requireNonNull(connection)));
        } catch (SQLException e) {
          if (!isOutage(e)) {
            throw e;
          }
          findOut();
        }
        pause(plan.pause());
      }
    } finally {
      disconnect();
    }
  }

  /** Whether the connection or the server is gone, and not the statement wrong. */
  private static boolean isOutage(SQLException e) {
    String state = Objects.requireNonNullElse(e.getSQLState(), "");
    return state.startsWith("08") || state.startsWith("57P");
  }

  private void connect() throws SQLException {
    Connection made = ledger.server().connect(ledger.database());
    made.setAutoCommit(false);
    connection = made;
  }

  private void disconnect() {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      // It was lost before.
    }
    connection = null;
  }

  /** Connects again, however long it takes, and sees what became of the last transaction. */
  private void findOut() throws SQLException {
    disconnect();
    Deadline deadline = Deadline.in(PATIENCE);
    while (true) {
      try {
        connect();
        Connection made = Objects.requireNonNull(connection);
        made.setAutoCommit(true);
        try (Statement statement = made.createStatement()) {
          boolean prepared = exists(statement, "pg_prepared_xacts WHERE gid = '" + name() + "'");
          if (prepared) {
            statement.execute("ROLLBACK PREPARED '" + name() + "'");
          }
          load.foundOut(tx(), exists(statement, "ledger WHERE tx = '" + tx() + "'"));
        }
        made.setAutoCommit(false);
        return;
      } catch (SQLException e) {
        // Another session may still be ending what this one had begun.
        disconnect();
        if (deadline.passed()) {
          throw e;
        }
        deadline.pause();
      }
    }
  }

  private static boolean exists(Statement statement, String from) throws SQLException {
    try (var row = statement.executeQuery("SELECT EXISTS (SELECT FROM " + from + ")")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /** What the ledger calls the transaction. */
  private String tx() {
    return number + "-" + transaction;
  }

  /** What a prepared transaction is called, in all of the server. */
  private String name() {
    return ledger.database() + "-" + tx();
  }

  private void write(Shape shape, Steps steps) throws SQLException, IOException {
    switch (shape) {
      case TRANSFER -> steps.transfer();
      case MULTI_ROW -> steps.rows(1 + random.nextInt(MOST_ROWS));
      case COPY -> steps.copy(plan.copyRows());
      case SAVEPOINTS -> steps.savepoints();
      case LONG -> steps.slowly();
      case ROLLED_BACK, PREPARED, PREPARED_ROLLED_BACK -> steps.rows(1 + random.nextInt(3));
    }
    boolean kept = shape != Shape.ROLLED_BACK && shape != Shape.PREPARED_ROLLED_BACK;
    steps.updateOwn();
    switch (shape) {
      case PREPARED, PREPARED_ROLLED_BACK -> steps.prepare(kept);
      case ROLLED_BACK -> steps.rollback();
      default -> steps.commit();
    }
    if (kept) {
      load.committed(tx());
    } else {
      load.rolledBack();
    }
  }

  private static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  /** The statements of one transaction. */
  private final class Steps {
    private final Connection sql;

    /** What the writer's own account gains. */
    private long gain;

    Steps(Connection sql) {
      this.sql = sql;
    }

    private void execute(String statement) throws SQLException {
      try (Statement one = sql.createStatement()) {
        one.execute(statement);
      }
    }

    private String entry(int account, long amount, String of) {
      return "(%d, %d, %d, '%s')".formatted(nextId++, account, amount, of);
    }

    private void insert(String entries) throws SQLException {
      execute("INSERT INTO ledger (id, account, amount, tx) VALUES " + entries);
    }

    private void update(int account, long amount) throws SQLException {
      execute(
          "UPDATE accounts SET balance = balance + %d, version = version + 1 WHERE id = %d"
              .formatted(amount, account));
    }

    /** Locks in the order of ids, so that writers do not wait for each other in a ring. */
    void transfer() throws SQLException {
      int low = 1 + random.nextInt(Ledger.SHARED_ACCOUNTS - 1);
      int high = low + 1 + random.nextInt(Ledger.SHARED_ACCOUNTS - low);
      long amount = 1L + random.nextInt(100);
      if (random.nextInt(3) == 0) {
        decoy();
      }
      update(low, -amount);
      insert(entry(low, -amount, tx()) + ", " + entry(high, amount, tx()));
      update(high, amount);
    }

    /** What must never be told. */
    private void decoy() throws SQLException {
      execute("SAVEPOINT decoy");
      insert(entry(own, 1, "decoy-" + tx()));
      update(own, 1);
      execute("ROLLBACK TO SAVEPOINT decoy");
    }

    void rows(int count) throws SQLException {
      StringBuilder entries = new StringBuilder();
      for (int i = 0; i < count; i++) {
        entries.append(i == 0 ? "" : ", ").append(entry(own, i, tx()));
        gain += i;
      }
      insert(entries.toString());
    }

    void copy(int count) throws SQLException, IOException {
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < count; i++) {
        lines.append("%d\t%d\t1\t%s\n".formatted(nextId++, own, tx()));
      }
      long unused =
          sql.unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn(
                  "COPY ledger (id, account, amount, tx) FROM STDIN",
                  new StringReader(lines.toString()));
      gain += count;
    }

    void savepoints() throws SQLException {
      rows(1);
      execute("SAVEPOINT outer_one");
      rows(2);
      decoy();
      execute("SAVEPOINT inner_one");
      rows(1);
      execute("RELEASE SAVEPOINT inner_one");
      if (random.nextBoolean()) {
        long before = gain;
        execute("SAVEPOINT lost");
        insert(entry(own, 7, "decoy-" + tx()));
        execute("SAVEPOINT lost_too");
        insert(entry(own, 7, "decoy-" + tx()));
        execute("RELEASE SAVEPOINT lost_too");
        execute("ROLLBACK TO SAVEPOINT lost");
        gain = before;
      }
      execute("RELEASE SAVEPOINT outer_one");
    }

    void slowly() throws SQLException {
      int steps = 3 + random.nextInt(8);
      for (int step = 0; step < steps; step++) {
        rows(1 + random.nextInt(3));
        pause(LONG_STEP);
      }
    }

    void updateOwn() throws SQLException {
      if (gain != 0) {
        update(own, gain);
      }
    }

    void commit() throws SQLException {
      sql.commit();
    }

    void rollback() throws SQLException {
      sql.rollback();
    }

    void prepare(boolean kept) throws SQLException {
      execute("PREPARE TRANSACTION '" + name() + "'");
      pause(plan.pause());
      sql.setAutoCommit(true);
      execute((kept ? "COMMIT" : "ROLLBACK") + " PREPARED '" + name() + "'");
      sql.setAutoCommit(false);
    }
  }
}
