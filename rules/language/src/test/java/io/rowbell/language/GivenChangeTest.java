package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.testing.GivenChange;
import io.rowbell.model.Catalog;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.Json;
import io.rowbell.model.Operation;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.Row;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Changes that somebody writes down. */
class GivenChangeTest {
  private static final TableSchema TYPES =
      new TableSchema(
          new TableId("public", "types"),
          List.of(
              new Column("id", ColumnType.of(Kind.INTEGER, "bigint"), false),
              new Column("price", ColumnType.of(Kind.NUMERIC, "numeric(10,2)"), true),
              new Column("name", ColumnType.of(Kind.TEXT, "text"), true),
              new Column("at", ColumnType.of(Kind.TIMESTAMP_TZ, "timestamptz"), true),
              new Column("due", ColumnType.of(Kind.DATE, "date"), true),
              new Column("state", ColumnType.enumOf("state", List.of("ON", "OFF")), true),
              new Column("doc", ColumnType.of(Kind.JSON, "jsonb"), true),
              new Column("tags", ColumnType.arrayOf(ColumnType.of(Kind.TEXT, "text")), true),
              new Column("raw", ColumnType.of(Kind.BYTES, "bytea"), true)),
          List.of(0),
          ReplicaIdentity.DEFAULT,
          List.of(0));
  private static final Catalog CATALOG =
      new Catalog(List.of("public"), Map.of(TYPES.id(), TYPES, Shop.PAYMENTS.id(), Shop.PAYMENTS));

  private final Problems problems = new Problems();

  private @Nullable Change read(String change, @Nullable String before) {
    return new GivenChange(CATALOG, problems).read(change, before, Shop.origin());
  }

  private Change read(String change) {
    Change read = read(change, null);
    assertThat(problems.issues()).isEmpty();
    return Objects.requireNonNull(read);
  }

  private static List<@Nullable Object> cells(Row row) {
    List<@Nullable Object> cells = new ArrayList<>();
    for (int i = 0; i < row.schema().columns().size(); i++) {
      cells.add(row.get(i));
    }
    return cells;
  }

  @Test
  void textsBecomeValuesOfTheirColumns() {
    Change.Inserted inserted =
        (Change.Inserted)
            read(
                "insert types: {id: 1, price: 5, name: 'null', at: 2026-11-20T10:00:00Z,"
                    + " due: 2026-12-01, state: OFF, doc: {a: [1, x, true, 1.50]}, tags: [a, null],"
                    + " raw: '\\x6869'}");

    List<@Nullable Object> cells = cells(inserted.after());
    assertThat(cells.subList(0, 8))
        .containsExactly(
            1L,
            new BigDecimal("5.00"),
            "null",
            Instant.parse("2026-11-20T10:00:00Z"),
            LocalDate.of(2026, 12, 1),
            "OFF",
            new Json("{\"a\":[1,\"x\",true,1.50]}"),
            java.util.Arrays.asList("a", null));
    assertThat((byte[]) cells.get(8)).containsExactly('h', 'i');
  }

  @Test
  void whatIsNotGivenIsNullInANewRowAndNotLoggedElse() {
    Object absent = Row.NOT_LOGGED;
    assertThat(cells(((Change.Inserted) read("insert payments: {id: 7}")).after()))
        .containsExactly(7L, null, null, null, null);

    Change.Updated alone = (Change.Updated) read("update payments: {id: 7, status: PAID}");
    assertThat(cells(alone.after())).containsExactly(7L, absent, "PAID", absent, absent);
    assertThat(cells(alone.before())).containsExactly(7L, absent, absent, absent, absent);

    Change.Updated known =
        (Change.Updated)
            Objects.requireNonNull(
                read("update payments: {id: 7, status: PAID}", "{status: NEW, amount: 9.90}"));
    assertThat(cells(known.after()))
        .containsExactly(7L, absent, "PAID", absent, new BigDecimal("9.90"));
    assertThat(cells(known.before()))
        .containsExactly(7L, absent, "NEW", absent, new BigDecimal("9.90"));

    Change.Deleted deleted = (Change.Deleted) read("delete payments: {id: 7, status: PAID}");
    assertThat(cells(deleted.before())).containsExactly(7L, absent, "PAID", absent, absent);
  }

  @Test
  void theRowBeforeObeysTheReplicaIdentity() {
    Change.Updated updated =
        (Change.Updated)
            Objects.requireNonNull(read("update types: {id: 1, name: b}", "{name: a, due: null}"));

    assertThat(cells(updated.before()).subList(0, 3))
        .containsExactly(1L, Row.NOT_LOGGED, Row.NOT_LOGGED);
    assertThat(updated.after().get(2)).isEqualTo("b");
    assertThat(updated.after().get(4)).isNull();
  }

  @Test
  void otherOperationsAndMessages() {
    assertThat(read("snapshot types: {id: 1}").operation()).isEqualTo(Operation.SNAPSHOT);
    assertThat(read("truncate types:").operation()).isEqualTo(Operation.TRUNCATE);
    assertThat(read("message reports: all of it")).isEqualTo(Shop.message("reports", "all of it"));
  }

  @Test
  void whatIsWrongIsShownWhereItIs() {
    assertThat(read("update types: {id: one, state: ON2, nam: x}", "{price: [1]}")).isNull();
    assertThat(problems.issues().stream().map(Issue::render).toList())
        .anySatisfy(text -> assertThat(text).startsWith("--change:1:20: error").contains("'id'"))
        .anySatisfy(text -> assertThat(text).contains("'state' is", "no label"))
        .anySatisfy(text -> assertThat(text).contains("has no column 'nam'", "mean 'name'?"))
        .anySatisfy(text -> assertThat(text).startsWith("--before:1:9: error"))
        .hasSize(4);
  }

  @Test
  void whatIsNoChangeIsRefused() {
    assertThat(read("types: {id: 1}", null)).isNull();
    assertThat(read("insert or update types: {id: 1}", null)).isNull();
    assertThat(read("[1]", null)).isNull();
    assertThat(read("insert typs: {id: 1}", null)).isNull();
    assertThat(problems.issues()).hasSizeGreaterThanOrEqualTo(4);
  }
}
