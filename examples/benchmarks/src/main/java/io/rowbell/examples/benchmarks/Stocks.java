package io.rowbell.examples.benchmarks;

import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleFile;
import io.rowbell.language.RuleSet;
import io.rowbell.model.Catalog;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.Row;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A table of stocks and changes of its rows, already decoded: what rules alone cost. */
final class Stocks {
  static final DatabaseId DATABASE = new DatabaseId("7300000000000000001", "bench");
  static final Instant START = Instant.parse("2026-11-20T10:00:00Z");
  static final long POSITION = 0x16B3748;

  private static final TableSchema TABLE =
      new TableSchema(
          new TableId("public", "stocks"),
          List.of(
              new Column("id", ColumnType.of(ColumnType.Kind.INTEGER, "bigint"), false),
              new Column("symbol", ColumnType.of(ColumnType.Kind.TEXT, "text"), false),
              new Column("price", ColumnType.of(ColumnType.Kind.NUMERIC, "numeric(12,2)"), false),
              new Column("status", ColumnType.of(ColumnType.Kind.TEXT, "text"), false)),
          List.of(0),
          ReplicaIdentity.FULL,
          List.of(0, 1, 2, 3));

  private Stocks() {}

  /** Compiles a file's rules. */
  static RuleSet rules(String triggers) {
    return new RuleCompiler(
            List.of(new RuleFile("rules.yaml", "rules: v1\ntriggers:\n" + triggers)),
            DATABASE,
            null)
        .compile(new Catalog(List.of("public"), Map.of(TABLE.id(), TABLE)))
        .orThrow();
  }

  static Row row(long id, String price, String status) {
    return new ArrayRow(new Object[] {id, "ACME", new BigDecimal(price), status});
  }

  static Change inserted(Instant time, Row after) {
    return new Change.Inserted(origin(time, POSITION), after);
  }

  static Change inserted(long position, Row after) {
    return new Change.Inserted(origin(START, position), after);
  }

  static Change updated(Instant time, Row before, Row after) {
    return new Change.Updated(origin(time, POSITION), before, after);
  }

  private static Origin origin(Instant time, long position) {
    return new Origin(771, time, new Position(position), 0, null);
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record ArrayRow(Object[] values) implements Row {
    @Override
    public TableSchema schema() {
      return TABLE;
    }

    @Override
    public @Nullable Object get(int column) {
      return values[column];
    }
  }
}
