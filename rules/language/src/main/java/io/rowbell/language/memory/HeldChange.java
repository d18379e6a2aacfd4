package io.rowbell.language.memory;

import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import io.rowbell.model.UnreadableValueException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A change that one rule is asked about when its transaction has been read to the end. */
public final class HeldChange {
  private final String rule;
  private final long xid;
  private final Form form;
  private final ByteBuffer body;

  HeldChange(String rule, long xid, Form form, ByteBuffer body) {
    this.rule = rule;
    this.xid = xid;
    this.form = form;
    this.body = body;
  }

  /** The rule's name. */
  public String rule() {
    return rule;
  }

  /** Its table, as {@code schema.table}; empty for a message. */
  public String table() {
    return form.table();
  }

  /** Whether its rows hold these columns as a table now has them. */
  public boolean has(TableSchema table, Set<String> columns) {
    return form.has(table, columns);
  }

  static void write(ByteArrayOutputStream out, Change change, int[] columns) {
    Origin origin = change.origin();
    Values.write(out, change.operation().name());
    Values.write(out, origin.commitTime());
    Values.write(out, origin.position().lsn());
    Values.write(out, (long) origin.index());
    if (change instanceof Change.Inserted inserted) {
      row(out, inserted.after(), columns);
    } else if (change instanceof Change.Updated updated) {
      row(out, updated.before(), columns);
      row(out, updated.after(), columns);
    } else if (change instanceof Change.Deleted deleted) {
      row(out, deleted.before(), columns);
    } else if (change instanceof Change.Message message) {
      Values.write(out, message.prefix());
      Values.write(out, message.content());
    }
  }

  static void row(ByteArrayOutputStream out, Row row, int[] columns) {
    for (int column : columns) {
      Values.write(out, value(row, column));
    }
  }

  /** A value that cannot be read is kept as what went wrong: nobody may ever ask for it. */
  static @Nullable Object value(Row row, int column) {
    try {
      return row.get(column);
    } catch (UnreadableValueException e) {
      return e;
    }
  }

  /**
   * The change again.
   *
   * @param table as the rule knows it; null for messages
   */
  public Change change(@Nullable TableSchema table) {
    ByteBuffer in = body.duplicate();
    Operation operation = Operation.valueOf((String) read(in));
    Origin origin =
        new Origin(
            xid,
            (Instant) read(in),
            new Position((Long) read(in)),
            Math.toIntExact((Long) read(in)),
            null);
    if (operation == Operation.MESSAGE) {
      return new Change.Message(
          origin, (String) read(in), (String) read(in), /* transactional= */ true);
    }
    TableSchema of = Objects.requireNonNull(table, "a row is of a table");
    int[] indexes = form.indexes(of);
    return switch (operation) {
      case INSERT -> new Change.Inserted(origin, RememberedRow.read(in, of, indexes));
      case UPDATE -> {
        Row before = RememberedRow.read(in, of, indexes);
        yield new Change.Updated(origin, before, RememberedRow.read(in, of, indexes));
      }
      case DELETE -> new Change.Deleted(origin, RememberedRow.read(in, of, indexes));
      case TRUNCATE -> new Change.Truncated(origin, of);
      default -> throw new IllegalStateException("a " + operation + " is of no transaction");
    };
  }

  private static Object read(ByteBuffer in) {
    return Objects.requireNonNull(Values.read(in), "a change that was kept lacks a value");
  }
}
