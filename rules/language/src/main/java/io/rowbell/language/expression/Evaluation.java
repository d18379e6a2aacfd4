package io.rowbell.language.expression;

import io.rowbell.model.Change;
import io.rowbell.model.Row;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One change as the expressions of one rule see it, with the values of the rule's {@code let} names
 * once they are known.
 *
 * <p>Made once and used again for every change and rule: {@link #begin} starts afresh. For one
 * thread. Every row must be of the table version its expressions were compiled against.
 */
public final class Evaluation {
  private static final Object ABSENT = new Object();
  private static final int SLOTS = 8;

  @Nullable Row before;
  @Nullable Row after;

  /** The row that bare names read: after, or before where there is no after, unless changed. */
  @Nullable Row current;

  /** The row when the rule fired last for this key; null if it does not remember one. */
  @Nullable Row last;

  /** The element a comprehension is at; there is one level only. */
  @Nullable Object element;

  private @Nullable Change change;
  private TransactionFacts transaction = TransactionFacts.NONE;
  private Window.@Nullable Total @Nullable [] windows;
  private @Nullable Object[] lets = new Object[2 * SLOTS];
  private int used;
  private int bank;

  /** Makes an evaluation without a change: it can evaluate constants only. */
  public Evaluation() {
    Arrays.fill(lets, ABSENT);
  }

  /** Starts the next change, or the same change for the next rule. */
  public void begin(Change next) {
    change = next;
    before = null;
    after = null;
    if (next instanceof Change.Updated updated) {
      before = updated.before();
      after = updated.after();
    } else if (next instanceof Change.Inserted inserted) {
      after = inserted.after();
    } else if (next instanceof Change.Deleted deleted) {
      before = deleted.before();
    }
    current = after != null ? after : before;
    last = null;
    element = null;
    windows = null;
    bank = 0;
    if (used > 0) {
      Arrays.fill(lets, 0, used, ABSENT);
      used = 0;
    }
  }

  /** What {@code last.x} reads until the next {@link #begin}. */
  public void remember(@Nullable Row row) {
    last = row;
  }

  /** What is known of the transaction of all changes from here on. */
  public void transaction(TransactionFacts facts) {
    transaction = facts;
  }

  TransactionFacts transaction() {
    return transaction;
  }

  /** What the rule's functions over time read until the next {@link #begin}, by their number. */
  public void windows(Window.@Nullable Total[] totals) {
    windows = totals;
  }

  Window.Total window(int index) {
    Window.Total total = windows == null ? null : windows[index];
    return Objects.requireNonNull(total, "windows() comes before a function over time is read");
  }

  /** The change begun last. */
  Change change() {
    return Objects.requireNonNull(change, "begin() comes before an expression is evaluated");
  }

  /**
   * Chooses the row that bare names read.
   *
   * @param row BEFORE, or CURRENT
   * @return what was chosen until now, to be chosen again afterwards
   */
  RowNodes.Image read(RowNodes.Image row) {
    RowNodes.Image previous = bank == 1 ? RowNodes.Image.BEFORE : RowNodes.Image.CURRENT;
    boolean old = row == RowNodes.Image.BEFORE;
    current = old || after == null ? before : after;
    bank = old ? 1 : 0;
    return previous;
  }

  /** The value of a {@code let} name, computed at its first use; each row image has its own. */
  @Nullable Object let(int slot, Node body) {
    int index = 2 * slot + bank;
    if (index >= lets.length) {
      int length = lets.length;
      lets = Arrays.copyOf(lets, 2 * index + 2);
      Arrays.fill(lets, length, lets.length, ABSENT);
    }
    Object value = lets[index];
    if (value == ABSENT) {
      value = body.eval(this);
      lets[index] = value;
      used = Math.max(used, index + 1);
    }
    return value;
  }
}
