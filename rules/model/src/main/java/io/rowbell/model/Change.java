package io.rowbell.model;

import java.util.Objects;

/** One committed change, in commit order. Immutable; knows no connector. */
public sealed interface Change {
  /** Transaction, position and commit time. */
  Origin origin();

  /** What happened. */
  Operation operation();

  /** A change of a table. */
  sealed interface TableChange extends Change {
    /** The table as it was when the change was made. */
    TableSchema table();
  }

  /**
   * A new row; a snapshot's row if the origin says so.
   *
   * @param after the whole row
   */
  record Inserted(Origin origin, Row after) implements TableChange {
    public Inserted {
      Objects.requireNonNull(origin, "origin");
      Objects.requireNonNull(after, "after");
    }

    @Override
    public Operation operation() {
      return origin.snapshot() ? Operation.SNAPSHOT : Operation.INSERT;
    }

    @Override
    public TableSchema table() {
      return after.schema();
    }
  }

  /**
   * A changed row. The key is the same in both images: a change of key is a delete and an insert.
   *
   * @param before the columns PostgreSQL logged, by REPLICA IDENTITY: none, the identity's, or all;
   *     the others answer {@link Row#NOT_LOGGED}. When nothing was logged because the key did not
   *     change, the identity's columns are those of {@code after}
   * @param after the new row; an unchanged TOASTed column answers {@link Row#NOT_LOGGED} unless
   *     {@code before} holds its value
   */
  record Updated(Origin origin, Row before, Row after) implements TableChange {
    public Updated {
      Objects.requireNonNull(origin, "origin");
      Objects.requireNonNull(before, "before");
      Objects.requireNonNull(after, "after");
    }

    @Override
    public Operation operation() {
      return Operation.UPDATE;
    }

    @Override
    public TableSchema table() {
      return after.schema();
    }
  }

  /**
   * A removed row.
   *
   * @param before the columns PostgreSQL logged, by REPLICA IDENTITY
   */
  record Deleted(Origin origin, Row before) implements TableChange {
    public Deleted {
      Objects.requireNonNull(origin, "origin");
      Objects.requireNonNull(before, "before");
    }

    @Override
    public Operation operation() {
      return Operation.DELETE;
    }

    @Override
    public TableSchema table() {
      return before.schema();
    }
  }

  /** A table emptied by TRUNCATE: one change for each table the statement reached. */
  record Truncated(Origin origin, TableSchema table) implements TableChange {
    public Truncated {
      Objects.requireNonNull(origin, "origin");
      Objects.requireNonNull(table, "table");
    }

    @Override
    public Operation operation() {
      return Operation.TRUNCATE;
    }
  }

  /**
   * A message written by an application with {@code pg_logical_emit_message}.
   *
   * @param prefix the message's prefix
   * @param content its content; UTF-8 text as the rules read it
   * @param transactional whether it was part of a transaction
   */
  record Message(Origin origin, String prefix, String content, boolean transactional)
      implements Change {
    /**
     * The prefix of what stands in a transaction for the first of the changes that a source has
     * left out because no rule can need them: time has passed until there. No rule listens to it.
     */
    public static final String PASSED = "rowbell.passed";

    public Message {
      Objects.requireNonNull(origin, "origin");
      Objects.requireNonNull(prefix, "prefix");
      Objects.requireNonNull(content, "content");
    }

    @Override
    public Operation operation() {
      return Operation.MESSAGE;
    }
  }
}
