package io.rowbell.language.memory;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.memory.Notes.Kind;
import io.rowbell.model.Change;
import io.rowbell.model.Row;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The transaction that is being read: what must be known of it when it has been read to its end,
 * and what it says about itself. For one thread.
 *
 * <p>Whatever is kept is written down as a note first; the notes, read again in their order, give
 * the same state. A transaction that ends within the batch in which it began leaves nothing in the
 * journal. {@link #save} puts the notes into the journal's entries {@code tx/000001} and so on, and
 * how far it is into {@code tx/state}; {@link #end} forgets them all.
 */
public final class OpenTransaction {
  /** What is kept of one transaction, in bytes of notes. */
  public static final int MAX_BYTES = 16 << 20;

  /** How much may be kept when something for rules in shadow is: the rest is for live rules. */
  private static final int MAX_BYTES_WITH_SHADOWS = MAX_BYTES / 2;

  static final String PREFIX = "tx/";
  private static final String STATE = PREFIX + "state";

  private static final Set<Kind> OF_CHILDREN =
      EnumSet.of(Kind.CHILD, Kind.CHILD_GONE, Kind.CHILDREN_GONE);

  private enum Phase {
    /** What is evaluated belongs to no transaction. */
    OUTSIDE,
    READING,
    ENDING
  }

  private final RuleMemory.Listener journal;
  private Phase phase = Phase.OUTSIDE;
  private long xid;
  private long changes;

  /** Those of them that are of tables which live rules read. */
  private long changesForLive;

  private Set<String> watched = Set.of();
  private final Map<String, String> context = new TreeMap<>();
  private final Set<String> skipped = new TreeSet<>();
  private boolean skipsAll;
  private final Set<String> withoutRoom = new TreeSet<>();
  private final List<HeldChange> held = new ArrayList<>();
  private final Map<String, ChildRows> children = new HashMap<>();
  private final List<Form> forms = new ArrayList<>();
  private final Notes notes;
  private boolean partlyDurable;

  OpenTransaction(RuleMemory.Listener journal) {
    this.journal = journal;
    this.notes = new Notes(journal, PREFIX);
  }

  /** The transaction's number; 0 for none. */
  public long xid() {
    return xid;
  }

  /**
   * The first change of another transaction has come.
   *
   * @param childTables of which all rows are going to be kept
   */
  public void begin(long transaction, Set<String> childTables) {
    xid = transaction;
    watched = childTables;
  }

  /** What is evaluated from here on is a change of this transaction. */
  public void read() {
    phase = Phase.READING;
  }

  /** What is evaluated from here on belongs to no transaction. */
  public void leave() {
    phase = Phase.OUTSIDE;
  }

  /** All of it has been read: what was held is evaluated now. */
  public void readToItsEnd() {
    phase = Phase.ENDING;
  }

  /** Whether a rule that needs the whole transaction has to wait. */
  public boolean isReading() {
    return phase == Phase.READING;
  }

  /** Whether what was held is evaluated. */
  public boolean isReadToItsEnd() {
    return phase == Phase.ENDING;
  }

  /**
   * A row of a table that rules read was changed.
   *
   * @param live whether a live rule reads it, and not only rules in shadow
   */
  public void count(boolean live) {
    changes++;
    if (live) {
      changesForLive++;
    }
  }

  /**
   * How many rows were changed so far.
   *
   * @param shadow true of all tables that rules read; false, for live rules, only of those that
   *     live rules read, so that a rule in shadow changes nothing of what they do
   */
  public long changes(boolean shadow) {
    return shadow ? changes : changesForLive;
  }

  /** Whether a part of it is durable already. */
  public boolean isPartlyDurable() {
    return partlyDurable;
  }

  /**
   * How many bytes of notes there may be with one that is kept for a rule.
   *
   * @param shadow whether it is for rules in shadow alone: they leave half to those that publish
   */
  public static int room(boolean shadow) {
    return shadow ? MAX_BYTES_WITH_SHADOWS : MAX_BYTES;
  }

  /** What it says about itself, as CloudEvents extension attributes. */
  public Map<String, String> context() {
    return Collections.unmodifiableMap(context);
  }

  /**
   * Adds to what it says about itself; a later value replaces an earlier one.
   *
   * @return false if there is no room for it
   */
  public boolean addContext(String name, String value) {
    ByteArrayOutputStream note = Notes.begin(Kind.CONTEXT);
    Values.write(note, name);
    Values.write(note, value);
    ByteBuffer kept = notes.keep(note, MAX_BYTES);
    if (kept != null) {
      read(kept);
    }
    return kept != null;
  }

  /** It wants no rule to fire. */
  public void skipAll() {
    if (!skipsAll) {
      read(notes.write(Notes.begin(Kind.SKIP)));
    }
  }

  /** It wants a rule not to fire. */
  public void skip(String rule) {
    if (!skipped.contains(rule)) {
      ByteArrayOutputStream note = Notes.begin(Kind.SKIP);
      Values.write(note, rule);
      read(notes.write(note));
    }
  }

  /** Whether a rule must not fire for what is evaluated now. */
  public boolean skips(String rule) {
    return phase != Phase.OUTSIDE && (skipsAll || skipped.contains(rule));
  }

  /** Whether no rule may fire. */
  public boolean skipsAll() {
    return skipsAll;
  }

  /**
   * Keeps a change for a rule.
   *
   * @param columns the indexes of what the rule reads of its rows
   * @param shadow whether the rule is in shadow
   * @return false if there is no room for it, or was none for one before it
   */
  public boolean hold(String rule, Form form, int[] columns, Change change, boolean shadow) {
    if (withoutRoom.contains(rule)) {
      return false;
    }
    ByteArrayOutputStream note = Notes.begin(Kind.HELD);
    Values.write(note, rule);
    Values.write(note, number(form));
    HeldChange.write(note, change, columns);
    ByteBuffer kept = notes.keep(note, room(shadow));
    if (kept == null) {
      return false;
    }
    read(kept);
    return true;
  }

  /** Whether there was room for all changes of a rule until now; from here on there was not. */
  public boolean isFirstWithoutRoom(String rule) {
    if (withoutRoom.contains(rule)) {
      return false;
    }
    ByteArrayOutputStream note = Notes.begin(Kind.NO_ROOM);
    Values.write(note, rule);
    read(notes.write(note));
    return true;
  }

  /**
   * Nothing that was kept for a rule can make it fire any more: its room is given to others.
   *
   * @return how many changes were kept
   */
  public int release(String rule) {
    int before = held.size();
    if (held.removeIf(change -> change.rule().equals(rule))) {
      notes.remove(EnumSet.of(Kind.HELD), rule);
    }
    return before - held.size();
  }

  /** What was kept, in the order of the changes. */
  public List<HeldChange> held() {
    return Collections.unmodifiableList(held);
  }

  /**
   * Keeps the last state of a child row.
   *
   * @param columns the indexes of what rules read of it
   * @param key the indexes of its primary key's columns
   * @param shadow whether only rules in shadow read it
   */
  public void childWritten(
      String table, Form form, int[] columns, int[] key, Row row, boolean shadow) {
    ChildRows rows = rows(table);
    if (rows.failure() != null) {
      return;
    }
    byte[] name = ChildRows.key(row, key);
    if (name == null) {
      unknown(table);
      return;
    }
    ByteArrayOutputStream note = Notes.begin(Kind.CHILD);
    Values.write(note, table);
    Values.write(note, number(form));
    Values.write(note, name);
    @Nullable Object[] before = null;
    for (int i = 0; i < columns.length; i++) {
      Object value = HeldChange.value(row, columns[i]);
      if (value == Row.NOT_LOGGED) {
        before = before == null ? known(rows.get(name), form) : before;
        value = before.length == 0 ? value : before[i];
      }
      Values.write(note, value);
    }
    keepOrGiveUp(table, note, shadow);
  }

  /** An unchanged value that was not logged is the one that this transaction wrote before. */
  private static @Nullable Object[] known(ChildRows.@Nullable ChildRow row, Form form) {
    return row != null && row.form().equals(form) ? row.values() : new Object[0];
  }

  /**
   * A child row was deleted.
   *
   * @param shadow whether only rules in shadow read it
   */
  public void childGone(String table, int[] key, Row row, boolean shadow) {
    ChildRows rows = rows(table);
    byte[] name = ChildRows.key(row, key);
    if (name == null) {
      unknown(table);
    } else if (rows.get(name) != null) {
      ByteArrayOutputStream note = Notes.begin(Kind.CHILD_GONE);
      Values.write(note, table);
      Values.write(note, name);
      keepOrGiveUp(table, note, shadow);
    }
  }

  /**
   * All rows of a child table were removed.
   *
   * @param shadow whether only rules in shadow read it
   */
  public void childrenGone(String table, boolean shadow) {
    if (!rows(table).rows().isEmpty()) {
      ByteArrayOutputStream note = Notes.begin(Kind.CHILDREN_GONE);
      Values.write(note, table);
      keepOrGiveUp(table, note, shadow);
    }
  }

  /** The rows of a child table; null if they were not kept from the transaction's beginning. */
  public @Nullable ChildRows children(String table) {
    return watched.contains(table) ? rows(table) : null;
  }

  private ChildRows rows(String table) {
    return children.computeIfAbsent(table, t -> new ChildRows());
  }

  private void unknown(String table) {
    giveUp(table, Codes.NO_VALUE, "the primary key of a row of " + table + " is not in the log");
  }

  private void keepOrGiveUp(String table, ByteArrayOutputStream note, boolean shadow) {
    ByteBuffer kept = notes.keep(note, room(shadow));
    if (kept == null) {
      giveUp(
          table,
          Codes.LARGE_TRANSACTION,
          "the transaction writes more rows of "
              + table
              + " than can be kept: "
              + (room(shadow) >> 20)
              + " MiB");
    } else {
      read(kept);
    }
  }

  /** What was kept of its rows is of no use, and its room is given to others. */
  private void giveUp(String table, String code, String reason) {
    if (rows(table).failure() == null) {
      notes.remove(OF_CHILDREN, table);
      ByteArrayOutputStream note = Notes.begin(Kind.CHILDREN_UNKNOWN);
      Values.write(note, table);
      Values.write(note, code);
      Values.write(note, reason);
      read(notes.write(note));
    }
  }

  private long number(Form form) {
    long known = forms.indexOf(form);
    if (known >= 0) {
      return known;
    }
    ByteArrayOutputStream note = Notes.begin(Kind.FORM);
    Values.write(note, form.table());
    Values.write(note, form.names());
    Values.write(note, form.types());
    read(notes.write(note));
    return forms.size() - 1L;
  }

  /** Does what a note says. */
  private void read(ByteBuffer note) {
    switch (Notes.kind(note)) {
      case FORM -> forms.add(new Form(text(note), texts(note), texts(note)));
      case HELD -> held.add(new HeldChange(text(note), xid, forms.get(index(note)), note.slice()));
      case CHILD -> {
        ChildRows rows = rows(text(note));
        Form form = forms.get(index(note));
        rows.put(key(note), new ChildRows.ChildRow(form, note.slice()));
      }
      case CHILD_GONE -> {
        ChildRows rows = rows(text(note));
        rows.remove(key(note));
      }
      case CHILDREN_GONE -> rows(text(note)).clear();
      case CHILDREN_UNKNOWN -> rows(text(note)).fail(new ChildRows.Failure(text(note), text(note)));
      case CONTEXT -> context.put(text(note), text(note));
      case NO_ROOM -> withoutRoom.add(text(note));
      case SKIP -> {
        if (note.hasRemaining()) {
          skipped.add(text(note));
        } else {
          skipsAll = true;
        }
      }
    }
  }

  private static String text(ByteBuffer note) {
    return String.valueOf(Values.read(note));
  }

  private static int index(ByteBuffer note) {
    return Values.read(note) instanceof Long index ? Math.toIntExact(index) : -1;
  }

  private static byte[] key(ByteBuffer note) {
    return Values.read(note) instanceof byte[] key ? key : new byte[0];
  }

  private static List<String> texts(ByteBuffer note) {
    return Values.read(note) instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of();
  }

  /** More of it follows: puts what is known of it into the journal's entries. */
  public void save() {
    notes.save();
    ByteArrayOutputStream state = new ByteArrayOutputStream();
    Values.write(state, xid);
    Values.write(state, changes);
    Values.write(state, notes.bytes());
    Values.write(state, List.copyOf(new TreeSet<>(watched)));
    Values.write(state, changesForLive);
    journal.changed(STATE, state.toByteArray());
    partlyDurable = true;
  }

  /** Goes on with a transaction of which a part is in the journal. */
  void restore(Map<String, byte[]> entries) {
    byte[] state = entries.get(STATE);
    if (state == null) {
      return;
    }
    ByteBuffer in = ByteBuffer.wrap(state);
    xid = number(in);
    changes = number(in);
    long bytes = number(in);
    watched = Set.copyOf(texts(in));
    // Earlier versions wrote one count for all rules.
    changesForLive = in.hasRemaining() ? number(in) : changes;
    Map<String, byte[]> pieces = new HashMap<>(entries);
    pieces.remove(STATE);
    notes.restore(pieces, bytes, this::read);
    partlyDurable = true;
  }

  private static long number(ByteBuffer in) {
    return Values.read(in) instanceof Long number ? number : 0;
  }

  /** It is over: nothing is known of it any more. */
  public void end() {
    notes.clear();
    if (partlyDurable) {
      journal.changed(STATE, null);
      partlyDurable = false;
    }
    phase = Phase.OUTSIDE;
    xid = 0;
    changes = 0;
    changesForLive = 0;
    watched = Set.of();
    context.clear();
    skipped.clear();
    skipsAll = false;
    withoutRoom.clear();
    held.clear();
    children.clear();
    forms.clear();
  }
}
