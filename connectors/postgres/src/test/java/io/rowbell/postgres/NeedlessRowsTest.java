package io.rowbell.postgres;

import static io.rowbell.postgres.NeedlessRows.Answer.NEEDED;
import static io.rowbell.postgres.NeedlessRows.Answer.NEEDLESS;
import static io.rowbell.postgres.NeedlessRows.Answer.UNHEARD;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.NeededChanges;
import io.rowbell.model.NeededChanges.Case;
import io.rowbell.model.Operation;
import io.rowbell.model.Requirements;
import io.rowbell.model.Requirements.OfTable;
import io.rowbell.model.RowPredicate;
import io.rowbell.model.RowPredicate.Compare;
import io.rowbell.model.RowPredicate.Null;
import io.rowbell.model.RowPredicate.Operator;
import io.rowbell.model.TableId;
import io.rowbell.postgres.NeedlessRows.Answer;
import io.rowbell.postgres.WalMessages.ColumnMessage;
import io.rowbell.postgres.WalMessages.RelationMessage;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rows are left out, byte by byte. A {@code ~} stands for null, {@code ^} for unchanged. */
class NeedlessRowsTest {
  private static final int TABLE = 70_000;
  private static final int OTHER = 70_001;
  private static final TableId T = new TableId("public", "t");

  private static final List<ColumnMessage> KEYED =
      List.of(
          new ColumnMessage("id", 23, -1, true),
          new ColumnMessage("s", 25, -1, false),
          new ColumnMessage("n", 1700, -1, false),
          new ColumnMessage("b", 16, -1, false),
          new ColumnMessage("own", 90_000, -1, false));
  private static final List<ColumnMessage> WHOLE =
      KEYED.stream().map(c -> new ColumnMessage(c.name(), c.type(), c.typmod(), true)).toList();

  private static final RowPredicate IS_A = new Compare("s", Operator.EQUAL, "A");

  private static NeedlessRows rows(List<ColumnMessage> columns, @Nullable NeededChanges changes) {
    OfTable table = new OfTable(Set.of(), Set.of(), Set.of(), null, Set.of(), changes);
    NeedlessRows rows = new NeedlessRows(new Requirements(Map.of(T, table), Set.of()), Set.of());
    announce(rows, TABLE, "t", columns);
    announce(rows, OTHER, "u", columns);
    assertThat(rows.ask(inserted(TABLE, "0", "", "0", "f", "")))
        .as("the first one")
        .isEqualTo(NEEDED);
    return rows;
  }

  private static NeededChanges needed(Operation operation, Case... cases) {
    return new NeededChanges(Map.of(operation, List.of(cases)));
  }

  private static void announce(
      NeedlessRows rows, int oid, String table, List<ColumnMessage> columns) {
    byte[] relation = new RelationMessage(oid, "public", table, 'd', columns).bytes();
    ByteBuffer message = ByteBuffer.allocate(relation.length + 30).position(29);
    message.put((byte) 'R').put(relation).position(29);
    ByteBuffer slice = message.slice();
    assertThat(rows.ask(slice)).isEqualTo(NEEDED);
    assertThat(slice.position()).isZero();
  }

  private static ByteBuffer inserted(int oid, String... values) {
    return message('I', oid, 'N', values, ' ');
  }

  private static ByteBuffer deleted(char image, String... values) {
    return message('D', TABLE, image, values, ' ');
  }

  private static ByteBuffer updated(String... after) {
    return message('U', TABLE, 'N', after, ' ');
  }

  private static ByteBuffer updated(char image, String[] before, String... after) {
    return message('U', TABLE, image, before, 'N', after);
  }

  private static String[] row(String... values) {
    return values;
  }

  /** Part of a larger array, as the driver gives them. */
  private static ByteBuffer message(
      char type, int oid, char first, String[] values, char second, String... more) {
    ByteBuffer message = ByteBuffer.allocate(4096).position(25);
    message.put((byte) type).putInt(oid);
    tuple(message, first, values);
    if (second != ' ') {
      tuple(message, second, more);
    }
    return message.flip().position(25).slice();
  }

  private static void tuple(ByteBuffer message, char image, String... values) {
    message.put((byte) image).putShort((short) values.length);
    for (String value : values) {
      if (value.equals("~")) {
        message.put((byte) 'n');
      } else if (value.equals("^")) {
        message.put((byte) 'u');
      } else {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        message.put((byte) 't').putInt(bytes.length).put(bytes);
      }
    }
  }

  @Test
  void aTableThatNoRuleNamesIsNeverNeededAndOneThatWasNotAnnouncedIs() {
    NeedlessRows rows = rows(KEYED, null);
    assertThat(rows.ask(inserted(OTHER, "1", "A", "1", "t", "x"))).isEqualTo(UNHEARD);
    assertThat(rows.ask(inserted(9, "1", "A", "1", "t", "x"))).isEqualTo(NEEDED);
    assertThat(rows.ask(inserted(TABLE, "1", "A", "1", "t", "x"))).isEqualTo(NEEDED);
  }

  @Test
  void whatIsNoRowIsNeeded() {
    NeedlessRows rows = rows(KEYED, new NeededChanges(Map.of()));
    for (char type : "BCTMYO".toCharArray()) {
      assertThat(rows.ask(ByteBuffer.wrap(new byte[] {(byte) type, 0, 1, 0x11, 0x70})))
          .isEqualTo(NEEDED);
    }
  }

  @Test
  void anOperationThatNoRuleListensToIsNotNeeded() {
    NeedlessRows rows = rows(KEYED, needed(Operation.DELETE, Case.ANY));
    assertThat(rows.ask(inserted(TABLE, "1", "A", "1", "t", "x"))).isEqualTo(NEEDLESS);
    assertThat(rows.ask(updated("1", "A", "1", "t", "x"))).isEqualTo(NEEDLESS);
    assertThat(rows.ask(deleted('K', "1", "~", "~", "~", "~"))).isEqualTo(NEEDED);
  }

  @Test
  void whatABackfillReadsIsNeeded() {
    OfTable nothing =
        new OfTable(Set.of(), Set.of(), Set.of(), null, Set.of(), new NeededChanges(Map.of()));
    NeedlessRows rows = new NeedlessRows(new Requirements(Map.of(T, nothing), Set.of()), Set.of(T));
    announce(rows, TABLE, "t", KEYED);
    for (int i = 0; i < 3; i++) {
      assertThat(rows.ask(inserted(TABLE, "1", "A", "1", "t", "x"))).isEqualTo(NEEDED);
    }
  }

  /** The rules are compiled again with it, and may not fit. */
  @Test
  void theFirstRowBehindAnAnnouncementIsNeeded() {
    NeedlessRows rows = rows(KEYED, needed(Operation.INSERT, new Case(Set.of(), IS_A)));
    ByteBuffer other = inserted(TABLE, "1", "B", "1", "t", "x");
    assertThat(rows.ask(other)).isEqualTo(NEEDLESS);
    announce(rows, TABLE, "t", KEYED);
    assertThat(rows.ask(other)).isEqualTo(NEEDED);
    assertThat(rows.ask(other)).isEqualTo(NEEDLESS);
  }

  @Test
  void aColumnIsFoundByItsNameInTheTableAsItIsNow() {
    NeedlessRows rows = rows(KEYED, needed(Operation.INSERT, new Case(Set.of(), IS_A)));
    announce(
        rows,
        TABLE,
        "t",
        List.of(new ColumnMessage("s", 1043, -1, false), new ColumnMessage("id", 23, -1, true)));
    assertThat(rows.ask(inserted(TABLE, "B", "1"))).isEqualTo(NEEDED);
    assertThat(rows.ask(inserted(TABLE, "B", "1"))).isEqualTo(NEEDLESS);
    assertThat(rows.ask(inserted(TABLE, "A", "1"))).isEqualTo(NEEDED);
    announce(rows, TABLE, "t", List.of(new ColumnMessage("id", 23, -1, true)));
    assertThat(rows.ask(inserted(TABLE, "1"))).isEqualTo(NEEDED);
    assertThat(rows.ask(inserted(TABLE, "1"))).as("no such column").isEqualTo(NEEDED);
    announce(rows, TABLE, "t", List.of(new ColumnMessage("s", 23, -1, true)));
    assertThat(rows.ask(inserted(TABLE, "1"))).isEqualTo(NEEDED);
    assertThat(rows.ask(inserted(TABLE, "1"))).as("of another type").isEqualTo(NEEDED);
  }

  @ParameterizedTest
  @CsvSource({
    "s, EQUAL, A, A, true",
    "s, EQUAL, A, AB, false",
    "s, EQUAL, A, a, false",
    "s, EQUAL, A, '', false",
    "s, EQUAL, A, ~, false",
    "s, EQUAL, A, ^, true",
    "s, EQUAL, größe, größe, true",
    "s, EQUAL, größe, grosse, false",
    "s, EQUAL, \uFFFD, x, true",
    "s, NOT_EQUAL, A, A, false",
    "s, NOT_EQUAL, A, B, true",
    "s, NOT_EQUAL, A, ~, true",
    "n, EQUAL, 1.5, 1.50, true",
    "n, EQUAL, 1.5, 1.51, false",
    "n, EQUAL, 1.5, ~, false",
    "n, EQUAL, 1.5, NaN, true",
    "n, LESS, 1.5, Infinity, true",
    "n, GREATER, 1.5, 1.50, false",
    "n, GREATER, 1.5, 1.51, true",
    "n, GREATER_OR_EQUAL, 1.5, 1.5, true",
    "n, LESS_OR_EQUAL, 1.5, 1.51, false",
    "n, LESS, 1.5, -3, true",
    "n, LESS, 1.5, ~, false",
    "n, NOT_EQUAL, 1.5, 1.5, false",
    "n, NOT_EQUAL, 1.5, ~, true",
    "id, LESS, 10, 9, true",
    "id, LESS, 10, 10, false",
    "b, EQUAL, true, t, true",
    "b, EQUAL, true, f, false",
    "b, NOT_EQUAL, true, t, false",
    "b, NOT_EQUAL, false, f, false",
    "b, NOT_EQUAL, false, ~, true",
    "b, EQUAL, false, true, true",
    "own, EQUAL, A, B, true",
    "gone, EQUAL, A, B, true",
  })
  void aColumnIsComparedAsItWasWritten(
      String column, Operator operator, String constant, String value, boolean may) {
    Object typed =
        switch (column) {
          case "n", "id" -> new BigDecimal(constant);
          case "b" -> Boolean.valueOf(constant);
          default -> constant;
        };
    assertThat(mayHold(new Compare(column, operator, typed), column, value)).isEqualTo(may);
  }

  @ParameterizedTest
  @CsvSource({
    "s, true, ~, true",
    "s, true, A, false",
    "s, true, ^, true",
    "s, false, ~, false",
    "s, false, A, true",
    "s, false, ^, true",
    "own, true, A, true"
  })
  void nullIsTold(String column, boolean wanted, String value, boolean may) {
    assertThat(mayHold(new Null(column, wanted), column, value)).isEqualTo(may);
  }

  @Test
  void partsAreJoined() {
    RowPredicate three = new Compare("n", Operator.EQUAL, 3);
    RowPredicate unknown = new Compare("own", Operator.EQUAL, "x");
    assertThat(mayHold(RowPredicate.all(List.of(IS_A, three)), "s", "A")).isFalse();
    assertThat(mayHold(RowPredicate.any(List.of(IS_A, three)), "s", "A")).isTrue();
    assertThat(mayHold(RowPredicate.any(List.of(IS_A, three)), "s", "B")).isFalse();
    assertThat(mayHold(RowPredicate.all(List.of(IS_A, unknown)), "s", "A")).isTrue();
    assertThat(mayHold(RowPredicate.all(List.of(IS_A, unknown)), "s", "B")).isFalse();
    assertThat(mayHold(RowPredicate.any(List.of(IS_A, unknown)), "s", "B")).isTrue();
  }

  private static boolean mayHold(RowPredicate predicate, String column, String value) {
    NeedlessRows rows = rows(KEYED, needed(Operation.INSERT, new Case(Set.of(), predicate)));
    String[] values =
        KEYED.stream()
            .map(c -> c.name().equals(column) ? value : c.type() == 16 ? "t" : "0")
            .toArray(String[]::new);
    Answer answer = rows.ask(inserted(TABLE, values));
    assertThat(answer).isNotEqualTo(UNHEARD);
    return answer == NEEDED;
  }

  @Test
  void anUpdateIsAskedForItsNewRow() {
    NeedlessRows rows = rows(WHOLE, needed(Operation.UPDATE, new Case(Set.of(), IS_A)));
    String[] old = row("1", "A", "1", "t", "x");
    assertThat(rows.ask(updated('O', old, "1", "B", "1", "t", "x"))).isEqualTo(NEEDLESS);
    assertThat(rows.ask(updated('O', old, "1", "A", "2", "t", "x"))).isEqualTo(NEEDED);
    assertThat(rows.ask(updated('O', old, "1", "^", "2", "t", "x"))).isEqualTo(NEEDED);
  }

  @Test
  void oneOfTheListedColumnsMustDiffer() {
    NeededChanges listed = needed(Operation.UPDATE, new Case(Set.of("s", "n"), null));
    NeedlessRows rows = rows(WHOLE, listed);
    String[] old = row("1", "A", "1.0", "t", "x");
    assertThat(rows.ask(updated('O', old, "1", "A", "1.0", "f", "y"))).isEqualTo(NEEDLESS);
    assertThat(rows.ask(updated('O', old, "1", "^", "1.0", "f", "y"))).isEqualTo(NEEDLESS);
    assertThat(rows.ask(updated('O', old, "1", "B", "1.0", "t", "x"))).isEqualTo(NEEDED);
    assertThat(rows.ask(updated('O', old, "1", "A", "~", "t", "x"))).isEqualTo(NEEDED);
    assertThat(rows.ask(updated('O', row("1", "~", "1", "t", "x"), "1", "~", "1", "f", "x")))
        .isEqualTo(NEEDLESS);
    assertThat(rows.ask(updated('O', row("1", "~", "1", "t", "x"), "1", "A", "1", "t", "x")))
        .isEqualTo(NEEDED);
    assertThat(rows(KEYED, listed).ask(updated("1", "B", "2", "t", "x")))
        .as("the key is the same, and of the rest the old values are not known")
        .isEqualTo(NEEDLESS);
  }

  /** It is decoded before the condition is asked, and may be unreadable. */
  @Test
  void aListedColumnOfATypeThatMayBeUnreadableIsAlwaysRead() {
    NeedlessRows rows = rows(WHOLE, needed(Operation.UPDATE, new Case(Set.of("own"), IS_A)));
    String[] same = row("1", "B", "1", "t", "x");
    assertThat(rows.ask(updated('O', same, same))).isEqualTo(NEEDED);
  }

  @Test
  void aChangedKeyIsADeleteAndAnInsert() {
    NeedlessRows inserts = rows(KEYED, needed(Operation.INSERT, new Case(Set.of(), IS_A)));
    String[] key = row("1", "~", "~", "~", "~");
    assertThat(inserts.ask(updated("2", "A", "1", "t", "x"))).isEqualTo(NEEDLESS);
    assertThat(inserts.ask(updated('K', key, "2", "A", "1", "t", "x"))).isEqualTo(NEEDED);
    assertThat(inserts.ask(updated('K', key, "2", "B", "1", "t", "x"))).isEqualTo(NEEDLESS);
    assertThat(inserts.ask(updated('K', key, "1", "A", "1", "t", "x"))).isEqualTo(NEEDLESS);

    NeedlessRows deletes = rows(KEYED, needed(Operation.DELETE, Case.ANY));
    assertThat(deletes.ask(updated('K', key, "2", "A", "1", "t", "x"))).isEqualTo(NEEDED);
    assertThat(deletes.ask(updated('K', key, "1", "A", "1", "t", "x"))).isEqualTo(NEEDLESS);

    NeedlessRows whole = rows(WHOLE, needed(Operation.DELETE, new Case(Set.of(), IS_A)));
    String[] old = row("1", "A", "1", "t", "x");
    assertThat(whole.ask(updated('O', old, "1", "A", "2", "t", "x")))
        .as("which of its columns are the key is not announced")
        .isEqualTo(NEEDED);
    assertThat(whole.ask(updated('O', row("1", "B", "1", "t", "x"), "1", "A", "2", "t", "x")))
        .isEqualTo(NEEDLESS);
  }

  /** What was not logged of an old row is announced as null. */
  @Test
  void nullInAnOldRowSaysNothing() {
    NeedlessRows rows = rows(KEYED, needed(Operation.DELETE, new Case(Set.of(), IS_A)));
    assertThat(rows.ask(deleted('K', "1", "~", "~", "~", "~"))).isEqualTo(NEEDED);
    assertThat(rows.ask(deleted('O', "1", "B", "~", "~", "~"))).isEqualTo(NEEDLESS);
    NeedlessRows known =
        rows(KEYED, needed(Operation.DELETE, new Case(Set.of(), new Null("s", false))));
    assertThat(known.ask(deleted('K', "1", "~", "~", "~", "~"))).isEqualTo(NEEDED);
  }

  /** A thousand rules are found by an index, later. */
  @Test
  void manyComparisonsAreNotAskedOfEveryRow() {
    for (int count : new int[] {32, 33}) {
      List<RowPredicate> each =
          IntStream.range(0, count)
              .mapToObj(i -> (RowPredicate) new Compare("s", Operator.EQUAL, "A" + i))
              .toList();
      NeedlessRows rows =
          rows(KEYED, needed(Operation.INSERT, new Case(Set.of(), RowPredicate.any(each))));
      assertThat(rows.ask(inserted(TABLE, "1", "B", "1", "t", "x")))
          .isEqualTo(count == 32 ? NEEDLESS : NEEDED);
    }
  }

  @Test
  void aRowOfAnotherFormThanWasAnnouncedIsNeeded() {
    NeedlessRows rows = rows(KEYED, needed(Operation.INSERT, new Case(Set.of(), IS_A)));
    assertThat(rows.ask(inserted(TABLE, "1", "B"))).isEqualTo(NEEDED);
  }
}
