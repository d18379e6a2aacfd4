package io.rowbell.testkit.protocol;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.StringJoiner;

/**
 * What applications write, and in which order a slot sends it: whole transactions at their commit,
 * in commit order, whatever their rows' order is in the log.
 *
 * <p>A log is a text, one word for each record. A record's LSN is its number; it ends where the
 * next one begins, so that a commit's end always is the LSN of what comes next.
 *
 * <table>
 * <caption>Records of transaction a</caption>
 * <tr><td>{@code a}, {@code a3}<td>a row; three rows in one record, as COPY writes them
 * <tr><td>{@code -a3}<td>rows of a table that no rule names
 * <tr><td>{@code ~a}, {@code <a}<td>a row behind a savepoint; back to the savepoint
 * <tr><td>{@code ?a}<td>PREPARE TRANSACTION
 * <tr><td>{@code A}, {@code !a}<td>COMMIT, ROLLBACK, also of what was prepared
 * <tr><td>{@code .}<td>a marker: a message outside of transactions
 * </table>
 */
final class WriteAheadLog {
  private static final Set<Flaw> NONE = Set.of();

  private final String text;
  private final List<Item> items;
  private final List<Item> committed;
  private final boolean[] nothingOpen;
  private final List<Event> events;
  private final int[] eventsBefore;

  /** Of what the stream consists. */
  enum ItemType {
    BEGIN,
    ROW,
    COMMIT,
    MARKER
  }

  /** One message of the stream. Compared by identity: the log has one of each. */
  static final class Item {
    final ItemType type;
    final char xid;
    final int lsn;
    final int index;
    final boolean wanted;
    final int decides;

    /**
     * @param xid the transaction; a space if none
     * @param lsn of a row, its own
     * @param index tells rows of one LSN apart
     * @param wanted whether a rule names the table
     * @param decides where the record begins by which the server decides whether to send this again
     */
    Item(ItemType type, char xid, int lsn, int index, boolean wanted, int decides) {
      this.type = type;
      this.xid = xid;
      this.lsn = lsn;
      this.index = index;
      this.wanted = wanted;
      this.decides = decides;
    }

    /** Where a commit or a marker ends. */
    int end() {
      return decides + 1;
    }

    Item numbered(int other) {
      return other == index ? this : new Item(type, xid, lsn, other, wanted, decides);
    }

    @Override
    public String toString() {
      return switch (type) {
        case BEGIN -> "BEGIN " + xid;
        case ROW -> xid + "@" + lsn + "." + index;
        case COMMIT -> "COMMIT " + xid;
        case MARKER -> "marker";
      };
    }
  }

  private record Row(int lsn, int index, boolean wanted, boolean inSavepoint) {}

  /** Reads a log's text. */
  static WriteAheadLog of(String text) {
    return of(text, NONE);
  }

  /** The same as a server with the slot's flaws sends it; what it should have sent stays so. */
  static WriteAheadLog of(String text, Set<Flaw> flaws) {
    List<String> records = text.isBlank() ? List.of() : List.of(text.trim().split("\\s+", -1));
    List<Item> committed = decode(records, NONE);
    return new WriteAheadLog(String.join(" ", records), records, decode(records, flaws), committed);
  }

  private WriteAheadLog(String text, List<String> records, List<Item> items, List<Item> committed) {
    this.text = text;
    this.items = items;
    this.committed = committed;
    this.nothingOpen = nothingOpen(records);
    this.events = new ArrayList<>();
    this.eventsBefore = new int[committed.size() + 1];
    Memory memory = Memory.NEW;
    for (int i = 0; i < committed.size(); i++) {
      memory = memory.read(committed.get(i), events);
      eventsBefore[i + 1] = events.size();
    }
  }

  private static List<Item> decode(List<String> records, Set<Flaw> flaws) {
    List<Item> items = new ArrayList<>();
    Map<Character, List<Row>> open = new LinkedHashMap<>();
    Set<Character> prepared = new HashSet<>();
    for (int lsn = 0; lsn < records.size(); lsn++) {
      String record = records.get(lsn);
      char first = record.charAt(0);
      char xid =
          Character.toLowerCase(
              Character.isLetter(first) || first == '.' ? first : record.charAt(1));
      List<Row> rows = open.computeIfAbsent(xid, x -> new ArrayList<>());
      if (first == '.') {
        items.add(new Item(ItemType.MARKER, ' ', lsn, 0, true, lsn));
      } else if (first == '!') {
        open.remove(xid);
      } else if (first == '<') {
        rows.removeIf(Row::inSavepoint);
      } else if (first == '?' || Character.isUpperCase(first)) {
        boolean now = (first == '?') == flaws.contains(Flaw.PREPARED_IS_COMMITTED);
        if (now || (first != '?' && !prepared.contains(xid))) {
          transaction(xid, rows, lsn, items);
          open.remove(xid);
        }
        prepared.add(xid);
      } else {
        List<Row> written = rows(record, lsn);
        if (flaws.contains(Flaw.ROWS_BEFORE_THEIR_COMMIT)) {
          transaction(xid, written, lsn, items);
        } else {
          rows.addAll(written);
        }
      }
    }
    return List.copyOf(items);
  }

  private static List<Row> rows(String record, int lsn) {
    boolean marked = !Character.isLetter(record.charAt(0));
    String count = record.substring(marked ? 2 : 1);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < (count.isEmpty() ? 1 : Integer.parseInt(count)); i++) {
      rows.add(new Row(lsn, i, record.charAt(0) != '-', record.charAt(0) == '~'));
    }
    return rows;
  }

  /** A transaction without rows is not sent at all. */
  private static void transaction(char xid, List<Row> rows, int decides, List<Item> items) {
    if (rows.isEmpty()) {
      return;
    }
    items.add(new Item(ItemType.BEGIN, xid, decides, 0, false, decides));
    for (Row row : rows) {
      items.add(new Item(ItemType.ROW, xid, row.lsn(), row.index(), row.wanted(), decides));
    }
    items.add(new Item(ItemType.COMMIT, xid, decides, 0, true, decides));
  }

  private static boolean[] nothingOpen(List<String> records) {
    boolean[] nothing = new boolean[records.size() + 1];
    Set<Character> open = new HashSet<>();
    nothing[0] = true;
    for (int i = 0; i < records.size(); i++) {
      String record = records.get(i);
      char first = record.charAt(0);
      if (Character.isUpperCase(first)) {
        open.remove(Character.toLowerCase(first));
      } else if (first == '!') {
        open.remove(record.charAt(1));
      } else if (first != '.') {
        open.add(record.charAt(Character.isLetter(first) ? 0 : 1));
      }
      nothing[i + 1] = open.isEmpty();
    }
    return nothing;
  }

  /** A log of interleaved transactions of every kind. */
  static String random(Random random, int records) {
    StringJoiner text = new StringJoiner(" ");
    List<Character> open = new ArrayList<>();
    Set<Character> prepared = new HashSet<>();
    char next = 'a';
    for (int i = 0; i < records || !open.isEmpty(); i++) {
      boolean mayBegin = i < records && next <= 'z' && open.size() < 3;
      if (mayBegin && (open.isEmpty() || random.nextInt(4) == 0)) {
        open.add(next++);
      }
      if (open.isEmpty() || random.nextInt(8) == 0) {
        text.add(".");
        continue;
      }
      char xid = open.get(random.nextInt(open.size()));
      int what = random.nextInt(i < records ? 16 : 4);
      if (what < 3 || (what > 4 && prepared.contains(xid))) {
        text.add(what == 0 ? "!" + xid : String.valueOf(Character.toUpperCase(xid)));
        open.remove((Character) xid);
      } else if (what == 3 && prepared.add(xid)) {
        text.add("?" + xid);
      } else if (what == 4 && !prepared.contains(xid)) {
        text.add("<" + xid);
      } else if (!prepared.contains(xid)) {
        String kind = List.of("", "", "", "", "~", "-").get(random.nextInt(6));
        text.add(kind + xid + List.of("", "", "2", "3", "5").get(random.nextInt(5)));
      }
    }
    return text.toString();
  }

  /** What the text says. */
  @Override
  public String toString() {
    return text;
  }

  /** How many records there are. */
  int end() {
    return nothingOpen.length - 1;
  }

  /** All that is sent, in its order. */
  List<Item> items() {
    return items;
  }

  /** Where a stream begins that was asked for from a position: an index of {@link #items}. */
  int from(int position) {
    return from(items, position);
  }

  private static int from(List<Item> items, int position) {
    int index = 0;
    while (index < items.size() && items.get(index).decides < position) {
      index++;
    }
    return index;
  }

  /** Whether no transaction is open where so much is written: then a slot can be made. */
  boolean nothingOpenAt(int written) {
    return nothingOpen[written];
  }

  /** Every event that there should be, in its order. */
  List<Event> events() {
    return events;
  }

  /**
   * How many events a position covers.
   *
   * @return -1 if it is none: neither the end of a commit or marker nor inside the transaction that
   *     commits next
   */
  int covered(Checkpoint at) {
    int from = from(committed, at.position());
    boolean isEnd = from == 0 ? at.position() == 0 : committed.get(from - 1).end() == at.position();
    if (at.rows() == 0) {
      return isEnd ? eventsBefore[from] : -1;
    }
    int last = from + at.rows();
    boolean inside =
        last < committed.size()
            && committed.get(last).type == ItemType.ROW
            && committed.get(last).xid == at.xid();
    return isEnd && inside && committed.get(from).xid == at.xid() ? eventsBefore[last + 1] : -1;
  }

  /** The LSN of the last row that a checkpoint inside a transaction covers. */
  int lastRow(Checkpoint at) {
    return items.get(from(at.position()) + at.rows()).lsn;
  }
}
