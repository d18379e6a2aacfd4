package io.rowbell.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that update, delete, insert anew and change keys of {@code t (id int primary key, n
 * int)}, and roll some of it back. They stay within reach of who follows the slot.
 */
final class RowWriters implements AutoCloseable {
  private static final int THREADS = 3;

  /**
   * How many bytes of write-ahead log they may be ahead of what is confirmed. Little: each chunk of
   * a backfill waits until the stream has come to its message.
   */
  private static final long AHEAD = 256L << 10;

  private final Followed db;
  private final int ids;
  private final AtomicBoolean writing = new AtomicBoolean(true);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final List<Thread> threads = new ArrayList<>();

  /**
   * @param ids they write rows from 1 to this
   */
  RowWriters(Followed db, int ids, long seed) {
    this.db = db;
    this.ids = ids;
    for (int i = 0; i < THREADS; i++) {
      Random random = new Random(seed + i);
      Thread thread = new Thread(() -> run(random), "writer-" + i);
      thread.start();
      threads.add(thread);
    }
  }

  private void run(Random random) {
    try {
      while (writing.get()) {
        try (Connection connection = db.server.connect(db.name);
            Statement statement = connection.createStatement()) {
          connection.setAutoCommit(false);
          write(connection, statement, random);
        } catch (SQLException e) {
          // A key that is taken, a deadlock: the work of another writer, and nothing of ours.
          if (!e.getSQLState().equals("23505") && !e.getSQLState().startsWith("40")) {
            throw e;
          }
        }
      }
    } catch (SQLException e) {
      failure.set(e);
    }
  }

  private void write(Connection connection, Statement statement, Random random)
      throws SQLException {
    while (writing.get()) {
      do {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      } while (writing.get() && db.ahead(connection) > AHEAD);
      statement.execute(change(random));
      if (random.nextInt(5) == 0) {
        connection.rollback();
      } else {
        connection.commit();
      }
    }
    connection.rollback();
  }

  private String change(Random random) {
    int id = 1 + random.nextInt(ids);
    return switch (random.nextInt(6)) {
      case 0 -> "delete from t where id = " + id;
      case 1 -> "insert into t values (" + id + ", 0) on conflict do nothing";
      case 2 ->
          "update t set id = "
              + (1 + random.nextInt(ids))
              + ", n = n + 1 where id = "
              + id
              + " and n % 2 = 0";
      default -> "update t set n = n + 1 where id between " + id + " and " + (id + 3);
    };
  }

  /**
   * Stops them.
   *
   * @throws AssertionError if one of them has failed
   */
  @Override
  public void close() {
    writing.set(false);
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    check();
  }

  /**
   * @throws AssertionError if one of them has failed
   */
  void check() {
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw new AssertionError("a writer failed", thrown);
    }
  }
}
