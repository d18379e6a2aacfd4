package io.rowbell.spi;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The places of the commit protocol at which a test may end, stop or break a process. Off, and
 * without cost, unless a system property names one when the JVM starts:
 *
 * <pre>{@code
 * -Drowbell.failpoint.journal.appended=halt@3
 * }</pre>
 *
 * <p>{@code halt} ends the JVM at once, as {@code kill -9} does (status {@value #HALTED}); {@code
 * throw} throws an exception that nobody expects; {@code oom} throws an {@link OutOfMemoryError};
 * {@code wait} stands still until the thread is interrupted; {@code suspend} stops the process, as
 * SIGSTOP does, until somebody continues it (not on Windows); {@code print} goes on. Each first
 * writes the line {@code failpoint NAME reached} to standard error. {@code @3} means the third
 * passing only, {@code @3+} the third and all later ones; without it, the first. For tests only: no
 * setting leads here.
 */
public enum FailPoint {
  /** The events of a batch are made; nothing is durable. Batches without events do not count. */
  BEFORE_APPEND("journal.before-append"),
  /** Events are durable; the source was not told. Batches without events do not count. */
  APPENDED("journal.appended"),
  /** Events were written in the file's transaction, which is still open. */
  SQLITE_WRITTEN("sqlite.written"),
  /** The broker has all events of a transaction, which is still open. */
  KAFKA_SENT("kafka.sent"),
  /** The broker has committed the events; the journal has not taken note. */
  KAFKA_COMMITTED("kafka.committed"),
  /** Debezium was told that a position may be confirmed; PostgreSQL was not. */
  MARKED("stream.marked"),
  /** PostgreSQL is about to be told of a position. */
  CONFIRMING("stream.confirming"),
  /** A row of the stream is read, before it is looked at; rows that are skipped count. */
  ROW("stream.row"),
  /** A part of a transaction too large for one batch is about to be made durable. */
  TRANSACTION_PART("stream.transaction-part"),
  /** A stream is about to be opened: the second time, after one was lost. */
  CONNECTING("stream.connecting"),
  /** A stream is open and its slot is checked. */
  CONNECTED("stream.connected"),
  /** Rows that a backfill has read are about to be made durable. */
  BACKFILL_CHUNK("backfill.chunk"),
  /** What a subscriber has delivered or given up is about to be made durable. */
  SUBSCRIBER_COMMIT("subscriber.commit");

  /** How the properties' names begin. */
  public static final String PREFIX = "rowbell.failpoint.";

  /** The exit status of {@code halt}: that of a process that SIGKILL has ended. */
  public static final int HALTED = 137;

  private static final Map<FailPoint, Order> ORDERS = orders(System.getProperties());

  /** Constant when code is compiled at run time, so that a place which is off costs nothing. */
  private static final boolean ARMED = !ORDERS.isEmpty();

  private final String label;

  FailPoint(String label) {
    this.label = label;
  }

  /** Its name in properties. */
  public String label() {
    return label;
  }

  /**
   * Its property.
   *
   * @param order for example {@code halt@3}
   * @return an option of the JVM
   */
  public String option(String order) {
    return "-D" + PREFIX + label + "=" + Order.parse(label, order).text();
  }

  /** Says that a thread is here. */
  public void pass() {
    if (ARMED) {
      hit();
    }
  }

  private void hit() {
    Order here = ORDERS.get(this);
    if (here == null) {
      return;
    }
    if (here.isNow()) {
      say("failpoint " + label + " reached");
      here.action().act(label);
    }
  }

  /** Straight to the descriptor: the process may be gone before a buffer is written out. */
  @SuppressWarnings("resource") // standard error stays open
  private static void say(String line) {
    try {
      new FileOutputStream(FileDescriptor.err)
          .write((line + System.lineSeparator()).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A name that is no fail point would be a test that tests nothing. */
  private static Map<FailPoint, Order> orders(Properties properties) {
    Map<FailPoint, Order> orders = new EnumMap<>(FailPoint.class);
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith(PREFIX)) {
        String label = name.substring(PREFIX.length());
        orders.put(of(label), Order.parse(label, properties.getProperty(name)));
      }
    }
    return orders;
  }

  private static FailPoint of(String label) {
    for (FailPoint point : values()) {
      if (point.label.equals(label)) {
        return point;
      }
    }
    throw new IllegalArgumentException("there is no fail point '" + label + "'");
  }

  private enum Action {
    HALT {
      @Override
      void act(String label) {
        Runtime.getRuntime().halt(HALTED);
      }
    },
    THROW {
      @Override
      void act(String label) {
        throw new IllegalStateException("failpoint " + label);
      }
    },
    OOM {
      @Override
      void act(String label) {
        throw new OutOfMemoryError("failpoint " + label);
      }
    },
    WAIT {
      @Override
      void act(String label) {
        try {
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    },
    SUSPEND {
      @Override
      void act(String label) {
        try {
          new ProcessBuilder("kill", "-STOP", Long.toString(ProcessHandle.current().pid()))
              .inheritIO()
              .start()
              .waitFor();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    },
    PRINT {
      @Override
      void act(String label) {}
    };

    abstract void act(String label);
  }

  private record Order(
      Action action, long passing, boolean andLater, String text, AtomicLong passings) {
    /** Counts a passing. */
    boolean isNow() {
      long now = passings.incrementAndGet();
      return now == passing || (andLater && now > passing);
    }

    static Order parse(String label, String text) {
      String[] parts = text.split("@", 2);
      String number = parts.length == 1 ? "1" : parts[1];
      boolean andLater = number.endsWith("+");
      try {
        return new Order(
            Action.valueOf(parts[0].toUpperCase(java.util.Locale.ROOT)),
            Long.parseLong(andLater ? number.substring(0, number.length() - 1) : number),
            andLater,
            text,
            new AtomicLong());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "the fail point '" + label + "' cannot do '" + text + "': say halt@3, wait or throw@1+",
            e);
      }
    }
  }
}
