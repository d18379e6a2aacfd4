package io.rowbell.postgres;

import io.rowbell.model.NeededChanges;
import io.rowbell.model.Operation;
import io.rowbell.model.Requirements;
import io.rowbell.model.Requirements.OfTable;
import io.rowbell.model.TableId;
import io.rowbell.postgres.WalMessages.ColumnMessage;
import io.rowbell.postgres.WalMessages.RelationMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Tells of rows, before anything is made of them, that no rule can need them: by their table, by
 * what became of them, and by their bytes. In doubt a row is needed.
 *
 * <p>Rows are asked as the table was announced, and the first one behind an announcement is always
 * needed: so rules that do not fit an altered table are found out where they would be if all rows
 * came. Which columns the primary key has is not announced: where the whole old row is logged, any
 * update may be a change of key, which is a delete and an insert. Used by one thread.
 */
final class NeedlessRows {
  /** What is known of a message. */
  enum Answer {
    /** It may be needed, or is none of a row. */
    NEEDED,
    /** It is of a table that no rule names. */
    UNHEARD,
    /** It is of a table that rules name, and none of them can do anything for it. */
    NEEDLESS
  }

  /** So many comparisons cost about what a row costs that the rules find out themselves. */
  private static final int MOST_TESTS = 32;

  /** The type, and the table's number. */
  private static final int HEAD = 1 + Integer.BYTES;

  private final Requirements requirements;
  private final Set<TableId> backfilled;
  private final Map<Integer, Table> tables = new HashMap<>();
  private final RawTuple before = new RawTuple(true);
  private final RawTuple after = new RawTuple(false);
  private int lastOid;
  private @Nullable Table last;

  /**
   * @param requirements which changes rules need
   * @param backfilled tables of which a backfill needs every change
   */
  NeedlessRows(Requirements requirements, Set<TableId> backfilled) {
    this.requirements = requirements;
    this.backfilled = Set.copyOf(backfilled);
  }

  /**
   * What one rule asks of a row.
   *
   * @param differs columns of which one must differ; none for any
   * @param row null for any
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed or compared
  private record Case(int[] differs, @Nullable RowTest row) {
    static final Case ANY = new Case(new int[0], null);

    boolean mayHold(RawTuple tuple) {
      return row == null || row.mayHold(tuple);
    }

    /**
     * Of an update whose old row is not logged, the identity is the same and the rest not known.
     */
    boolean mayDiffer(@Nullable RawTuple old, RawTuple now) {
      if (differs.length == 0) {
        return true;
      }
      if (old != null) {
        for (int column : differs) {
          if (now.mayDiffer(old, column)) {
            return true;
          }
        }
      }
      return false;
    }
  }

  /** A table as it was announced. */
  private static final class Table {
    final boolean heard;
    final @Nullable NeededChanges needed;
    final int columns;
    final int[] identity;
    final Case[] inserts;
    final Case[] updates;
    final Case[] deletes;
    boolean isNew = true;

    /**
     * @param wanted null if no rule names it
     * @param all whether every change of it is needed
     */
    Table(RelationMessage announced, @Nullable OfTable wanted, boolean all) {
      List<ColumnMessage> described = announced.columns();
      heard = wanted != null;
      needed = wanted == null || all ? null : wanted.changes();
      columns = described.size();
      identity = IntStream.range(0, columns).filter(i -> described.get(i).key()).toArray();
      inserts = cases(Operation.INSERT, described);
      updates = cases(Operation.UPDATE, described);
      deletes = cases(Operation.DELETE, described);
    }

    private Case[] cases(Operation operation, List<ColumnMessage> all) {
      List<NeededChanges.Case> asked =
          needed == null ? List.of() : needed.cases().getOrDefault(operation, List.of());
      List<Case> cases = new ArrayList<>();
      int tests = 0;
      for (NeededChanges.Case one : asked) {
        tests += one.differs().size() + (one.row() == null ? 0 : RowTest.count(one.row()));
        cases.add(read(one, all));
      }
      if (tests > MOST_TESTS) {
        return new Case[] {Case.ANY};
      }
      return cases.toArray(Case[]::new);
    }

    /** A listed column is read before the condition is, and a value may be unreadable. */
    private static Case read(NeededChanges.Case asked, List<ColumnMessage> all) {
      Set<String> names = asked.differs();
      int[] differs = names.stream().mapToInt(name -> RowTest.index(all, name)).toArray();
      for (int column : differs) {
        if (column < 0 || RawType.of(all.get(column).type()) == RawType.OTHER) {
          return Case.ANY;
        }
      }
      return new Case(differs, asked.row() == null ? null : RowTest.of(asked.row(), all));
    }
  }

  /**
   * What is known of a message, which is only looked at; tables are announced before their rows.
   */
  Answer ask(ByteBuffer message) {
    byte type = message.get(message.position());
    if (type == WalMessages.RELATION) {
      announced(RelationMessage.peek(message));
      return Answer.NEEDED;
    }
    if (type != WalMessages.INSERT && type != WalMessages.UPDATE && type != WalMessages.DELETE) {
      return Answer.NEEDED;
    }
    Table table = table(message.getInt(message.position() + 1));
    if (table == null) {
      return Answer.NEEDED;
    }
    if (!table.heard) {
      return Answer.UNHEARD;
    }
    if (table.needed == null || table.isNew) {
      table.isNew = false;
      return Answer.NEEDED;
    }
    return mayMatter(table, type, message) ? Answer.NEEDED : Answer.NEEDLESS;
  }

  private void announced(RelationMessage relation) {
    TableId id = relation.table();
    OfTable wanted = requirements.tables().get(id);
    tables.put((int) relation.oid(), new Table(relation, wanted, backfilled.contains(id)));
    last = null;
  }

  private @Nullable Table table(int oid) {
    if (last == null || oid != lastOid) {
      last = tables.get(oid);
      lastOid = oid;
    }
    return last;
  }

  private boolean mayMatter(Table table, byte type, ByteBuffer message) {
    byte[] bytes = message.array();
    int at = message.arrayOffset() + message.position() + HEAD;
    if (type == WalMessages.INSERT) {
      return isRowNeeded(table, table.inserts, after, bytes, at + 1);
    }
    if (type == WalMessages.DELETE) {
      return isRowNeeded(table, table.deletes, before, bytes, at + 1);
    }
    boolean hasOld = bytes[at] != WalMessages.NEW_ROW;
    if (!hasOld && table.updates.length == 0) {
      return false;
    }
    int newAt = hasOld ? before.find(bytes, at + 1) : at;
    int unused = after.find(bytes, newAt + 1);
    RawTuple old = hasOld ? before : null;
    return !fits(table, after)
        || (old != null && !fits(table, old))
        || isUpdateNeeded(table, old, after);
  }

  private static boolean isRowNeeded(
      Table table, Case[] cases, RawTuple row, byte[] bytes, int at) {
    if (cases.length == 0) {
      return false;
    }
    int unused = row.find(bytes, at);
    return !fits(table, row) || mayHold(cases, row);
  }

  /** Whether a row is of the form that was announced; if not, it is not ours to wonder. */
  private static boolean fits(Table table, RawTuple row) {
    return row.count() == table.columns;
  }

  private static boolean mayHold(Case[] cases, RawTuple row) {
    for (Case one : cases) {
      if (one.mayHold(row)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isUpdateNeeded(Table table, @Nullable RawTuple old, RawTuple now) {
    for (Case one : table.updates) {
      if (one.mayDiffer(old, now) && one.mayHold(now)) {
        return true;
      }
    }
    return old != null
        && keyMayDiffer(table, old, now)
        && (mayHold(table.deletes, old) || mayHold(table.inserts, now));
  }

  private static boolean keyMayDiffer(Table table, RawTuple old, RawTuple now) {
    for (int column : table.identity) {
      if (now.mayDiffer(old, column)) {
        return true;
      }
    }
    return false;
  }
}
