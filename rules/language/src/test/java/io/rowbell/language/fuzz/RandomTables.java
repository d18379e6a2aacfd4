package io.rowbell.language.fuzz;

import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Tables with a column of every type; keys, replica identities and constraints vary. */
public final class RandomTables {
  static final String NAME = "wide";
  static final String PARTS = "parts";

  private static final List<Column> COLUMNS =
      List.of(
          column("n", ColumnType.of(Kind.INTEGER, "bigint")),
          column("s", ColumnType.of(Kind.TEXT, "text")),
          column("b", ColumnType.of(Kind.BOOLEAN, "boolean")),
          column("k", ColumnType.of(Kind.INTEGER, "integer")),
          column("f", ColumnType.of(Kind.FLOAT, "double precision")),
          column("d", ColumnType.of(Kind.NUMERIC, "numeric")),
          column("price", ColumnType.of(Kind.NUMERIC, "numeric(10,2)")),
          column("u", ColumnType.of(Kind.UUID, "uuid")),
          column("e", ColumnType.enumOf("mood", List.of("ok", "sad"))),
          column("tz", ColumnType.of(Kind.TIMESTAMP_TZ, "timestamp with time zone")),
          column("lt", ColumnType.of(Kind.TIMESTAMP, "timestamp without time zone")),
          column("da", ColumnType.of(Kind.DATE, "date")),
          column("ti", ColumnType.of(Kind.TIME, "time without time zone")),
          column("iv", ColumnType.of(Kind.INTERVAL, "interval")),
          column("by", ColumnType.of(Kind.BYTES, "bytea")),
          column("j", ColumnType.of(Kind.JSON, "jsonb")),
          column("ns", ColumnType.arrayOf(ColumnType.of(Kind.INTEGER, "bigint"))),
          column("ss", ColumnType.arrayOf(ColumnType.of(Kind.TEXT, "text"))),
          column("ds", ColumnType.arrayOf(ColumnType.of(Kind.NUMERIC, "numeric"))),
          column("fs", ColumnType.arrayOf(ColumnType.of(Kind.FLOAT, "real"))),
          column("js", ColumnType.arrayOf(ColumnType.of(Kind.JSON, "jsonb"))),
          column("tzs", ColumnType.arrayOf(ColumnType.of(Kind.TIMESTAMP_TZ, "timestamptz"))),
          column("o", ColumnType.of(Kind.OPAQUE, "inet")),
          column("Größe", ColumnType.of(Kind.NUMERIC, "numeric")));

  private static final List<Column> PART_COLUMNS =
      List.of(
          new Column("n", ColumnType.of(Kind.INTEGER, "bigint"), /* nullable= */ false),
          new Column("q", ColumnType.of(Kind.INTEGER, "integer"), /* nullable= */ false),
          column("d", ColumnType.of(Kind.NUMERIC, "numeric(10,2)")),
          column("j", ColumnType.of(Kind.JSON, "jsonb")),
          column("t", ColumnType.of(Kind.TEXT, "text")));

  private RandomTables() {}

  private static Column column(String name, ColumnType type) {
    return new Column(name, type, /* nullable= */ true);
  }

  /** The table that random rules listen to. */
  public static TableSchema wide(Random random) {
    List<Integer> key =
        switch (random.nextInt(20)) {
          case 0 -> List.of();
          case 1 -> List.of(0, 1);
          case 2 -> List.of(1);
          default -> List.of(0);
        };
    ReplicaIdentity identity =
        switch (random.nextInt(30)) {
          case 0 -> ReplicaIdentity.DEFAULT;
          case 1 -> ReplicaIdentity.INDEX;
          case 2 -> ReplicaIdentity.NOTHING;
          default -> ReplicaIdentity.FULL;
        };
    List<Integer> logged =
        switch (identity) {
          case FULL -> IntStream.range(0, COLUMNS.size()).boxed().toList();
          case DEFAULT -> key;
          case INDEX -> List.of(3);
          case NOTHING -> List.of();
        };
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < COLUMNS.size(); i++) {
      Column column = COLUMNS.get(i);
      boolean nullable = !key.contains(i) && random.nextBoolean();
      columns.add(new Column(column.name(), column.type(), nullable));
    }
    TableId id = new TableId("public", NAME);
    return new TableSchema(id, columns, key, identity, logged);
  }

  /** Rows that belong to those of the wide table, by {@code n}. */
  /** The table of their child rows. */
  public static TableSchema parts(Random random) {
    boolean full = random.nextInt(4) == 0;
    List<Integer> key = List.of(0, 1);
    return new TableSchema(
        new TableId("public", PARTS),
        PART_COLUMNS,
        key,
        full ? ReplicaIdentity.FULL : ReplicaIdentity.DEFAULT,
        full ? IntStream.range(0, PART_COLUMNS.size()).boxed().toList() : key);
  }
}
