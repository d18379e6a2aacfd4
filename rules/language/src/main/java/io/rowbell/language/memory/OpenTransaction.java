package io.rowbell.language.memory;

import io.rowbell.language.issue.Codes;
import io.rowbell.model.Change;
import io.rowbell.model.Row;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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
 * journal. {@link #save} puts the notes that are not yet there into the journal's entries {@code
 * tx/000001} and so on, and how far it is into {@code tx/state}; {@link #end} forgets them all.
 */
public final class OpenTransaction {
  /** What is kept of one transaction, in bytes of notes. */
  public static final int MAX_BYTES = 16 << 20;

  static final String PREFIX = "tx/";
  private static final String STATE = PREFIX + "state";

  /** Small enough for every journal's record. */
  private static final int PIECE_BYTES = 256 << 10;

  private static final long ROW_OVERHEAD = 100;

  private enum Note {
    FORM,
    HELD,
    CHILD,
    CHILD_GONE,
    CHILDREN_GONE,
    CHILDREN_UNKNOWN,
    CONTEXT,
    SKIP,
    NO_ROOM
  }

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
  private Set<String> watched = Set.of();
  private final Map<String, String> context = new TreeMap<>();
  private final Set<String> skipped = new TreeSet<>();
  private boolean skipsAll;
  private final Set<String> withoutRoom = new TreeSet<>();
  private final List<HeldChange> held = new ArrayList<>();
  private final Map<String, ChildRows> children = new HashMap<>();
  private final List<Form> forms = new ArrayList<>();
  private final List<byte[]> unsaved = new ArrayList<>();
  private final List<String> saved = new ArrayList<>();
  private long bytes;

  OpenTransaction(RuleMemory.Listener journal) {
    this.journal = journal;
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

  /** A row was changed. */
  public void count() {
    changes++;
  }

  /** How many rows were changed so far. */
  public long changes() {
    return changes;
  }

  /** Whether a part of it is durable already. */
  public boolean isPartlyDurable() {
    return !saved.isEmpty();
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
    ByteArrayOutputStream note = note(Note.CONTEXT);
    Values.write(note, name);
    Values.write(note, value);
    ByteBuffer kept = keep(note);
    if (kept != null) {
      read(kept);
    }
    return kept != null;
  }

  /** It wants no rule to fire. */
  public void skipAll() {
    if (!skipsAll) {
      read(write(note(Note.SKIP)));
    }
  }

  /** It wants a rule not to fire. */
  public void skip(String rule) {
    if (!skipped.contains(rule)) {
      ByteArrayOutputStream note = note(Note.SKIP);
      Values.write(note, rule);
      read(write(note));
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
   * @param most how many bytes may be kept until then, for this rule
   * @return false if there is no room for it, or was none for one before it
   */
  public boolean hold(String rule, Form form, int[] columns, Change change, long most) {
    if (withoutRoom.contains(rule) || bytes > most) {
      return false;
    }
    ByteArrayOutputStream note = note(Note.HELD);
    Values.write(note, rule);
    Values.write(note, number(form));
    HeldChange.write(note, change, columns);
    ByteBuffer kept = keep(note);
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
    ByteArrayOutputStream note = note(Note.NO_ROOM);
    Values.write(note, rule);
    read(write(note));
    return true;
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
   */
  public void childWritten(String table, Form form, int[] columns, int[] key, Row row) {
    ChildRows rows = rows(table);
    if (rows.failure() != null) {
      return;
    }
    byte[] name = ChildRows.key(row, key);
    if (name == null) {
      unknown(table);
      return;
    }
    ByteArrayOutputStream note = note(Note.CHILD);
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
    keepOrGiveUp(table, note);
  }

  /** An unchanged value that was not logged is the one that this transaction wrote before. */
  private static @Nullable Object[] known(ChildRows.@Nullable ChildRow row, Form form) {
    return row != null && row.form().equals(form) ? row.values() : new Object[0];
  }

  /** A child row was deleted. */
  public void childGone(String table, int[] key, Row row) {
    ChildRows rows = rows(table);
    byte[] name = ChildRows.key(row, key);
    if (name == null) {
      unknown(table);
    } else if (rows.get(name) != null) {
      ByteArrayOutputStream note = note(Note.CHILD_GONE);
      Values.write(note, table);
      Values.write(note, name);
      keepOrGiveUp(table, note);
    }
  }

  /** All rows of a child table were removed. */
  public void childrenGone(String table) {
    if (!rows(table).rows().isEmpty()) {
      ByteArrayOutputStream note = note(Note.CHILDREN_GONE);
      Values.write(note, table);
      keepOrGiveUp(table, note);
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

  private void keepOrGiveUp(String table, ByteArrayOutputStream note) {
    ByteBuffer kept = keep(note);
    if (kept == null) {
      giveUp(
          table,
          Codes.LARGE_TRANSACTION,
          "the transaction writes more rows of "
              + table
              + " than can be kept: "
              + (MAX_BYTES >> 20)
              + " MiB");
    } else {
      read(kept);
    }
  }

  private void giveUp(String table, String code, String reason) {
    if (rows(table).failure() == null) {
      ByteArrayOutputStream note = note(Note.CHILDREN_UNKNOWN);
      Values.write(note, table);
      Values.write(note, code);
      Values.write(note, reason);
      read(write(note));
    }
  }

  private long number(Form form) {
    long known = forms.indexOf(form);
    if (known >= 0) {
      return known;
    }
    ByteArrayOutputStream note = note(Note.FORM);
    Values.write(note, form.table());
    Values.write(note, form.names());
    Values.write(note, form.types());
    read(write(note));
    return forms.size() - 1L;
  }

  private static ByteArrayOutputStream note(Note kind) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[Integer.BYTES]);
    Values.write(out, kind.name());
    return out;
  }

  /** Keeps a note if there is room. */
  private @Nullable ByteBuffer keep(ByteArrayOutputStream note) {
    if (bytes + note.size() + ROW_OVERHEAD > MAX_BYTES) {
      return null;
    }
    bytes += note.size() + ROW_OVERHEAD;
    return write(note);
  }

  /** Keeps a note whatever room there is: there are few of its kind. */
  private ByteBuffer write(ByteArrayOutputStream out) {
    byte[] note = out.toByteArray();
    ByteBuffer all = ByteBuffer.wrap(note).putInt(0, note.length - Integer.BYTES);
    unsaved.add(note);
    return all.position(Integer.BYTES).slice();
  }

  /** Does what a note says. */
  private void read(ByteBuffer note) {
    switch (Note.valueOf(text(note))) {
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
    ByteArrayOutputStream piece = new ByteArrayOutputStream();
    for (byte[] note : unsaved) {
      piece.writeBytes(note);
    }
    byte[] all = piece.toByteArray();
    for (int from = 0; from < all.length; from += PIECE_BYTES) {
      int to = Math.min(all.length, from + PIECE_BYTES);
      put(
          String.format(Locale.ROOT, PREFIX + "%06d", saved.size() + 1),
          Arrays.copyOfRange(all, from, to));
    }
    unsaved.clear();
    ByteArrayOutputStream state = new ByteArrayOutputStream();
    Values.write(state, xid);
    Values.write(state, changes);
    Values.write(state, bytes);
    Values.write(state, List.copyOf(new TreeSet<>(watched)));
    put(STATE, state.toByteArray());
  }

  private void put(String name, byte[] value) {
    journal.changed(name, value);
    if (!saved.contains(name)) {
      saved.add(name);
    }
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
    bytes = number(in);
    watched = Set.copyOf(texts(in));
    ByteArrayOutputStream notes = new ByteArrayOutputStream();
    new TreeMap<>(entries)
        .forEach(
            (name, value) -> {
              saved.add(name);
              if (!name.equals(STATE)) {
                notes.writeBytes(value);
              }
            });
    ByteBuffer all = ByteBuffer.wrap(notes.toByteArray());
    while (all.hasRemaining()) {
      int length = all.getInt();
      read(all.slice(all.position(), length));
      all.position(all.position() + length);
    }
  }

  private static long number(ByteBuffer in) {
    return Values.read(in) instanceof Long number ? number : 0;
  }

  /** It is over: nothing is known of it any more. */
  public void end() {
    saved.forEach(name -> journal.changed(name, null));
    phase = Phase.OUTSIDE;
    xid = 0;
    changes = 0;
    watched = Set.of();
    context.clear();
    skipped.clear();
    skipsAll = false;
    withoutRoom.clear();
    held.clear();
    children.clear();
    forms.clear();
    unsaved.clear();
    saved.clear();
    bytes = 0;
  }
}
