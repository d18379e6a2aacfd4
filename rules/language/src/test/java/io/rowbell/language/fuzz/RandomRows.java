package io.rowbell.language.fuzz;

import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.Interval;
import io.rowbell.model.Json;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import io.rowbell.model.TimeOfDay;
import io.rowbell.model.UnreadableValueException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Changes of rows whose values are often null, not logged, unreadable or extreme. */
final class RandomRows {
  private static final String[] TEXTS = {
    "",
    "a",
    "A",
    "abc",
    " x ",
    "12.5",
    "-7",
    "1e999999999",
    "NaN",
    "null",
    "{\"a\": 1}",
    "[1, [2]]",
    "2026-11-20T10:15:30Z",
    "1h30m",
    "true",
    "\"",
    "\\",
    "\u0000",
    "\n",
    "\u2028",
    "é",
    "\uD83D\uDE00",
    "\uD83D",
    "\uDE00x",
    "{{}}",
    "a/b c"
  };
  private static final String[] JSONS = {
    "null",
    "true",
    "0",
    "-1.5e400",
    "1e-400",
    "12345678901234567890",
    "\"a\"",
    "\"\\ud83d\"",
    "[]",
    "{}",
    "[1, \"a\", null, {\"a\": [true]}]",
    "{\"a\": {\"a\": {\"a\": 1}}}",
    "{\"a\": null}",
    "{\"a\": \"2026-11-20T10:15:30Z\", \"b\": [1.10, 2]}",
    "[[[[[[[[1]]]]]]]]",
    "{\"\": 0}"
  };
  private static final BigDecimal[] NUMERICS = {
    new BigDecimal("0"),
    new BigDecimal("0.00"),
    new BigDecimal("1.50"),
    new BigDecimal("-100"),
    new BigDecimal("99999999.99"),
    new BigDecimal("1E-16383"),
    new BigDecimal("1E-20")
  };
  private static final BigDecimal WIDEST = new BigDecimal(BigInteger.TEN.pow(131_071));
  private static final double[] DOUBLES = {
    0.0,
    -0.0,
    1.5,
    -1e308,
    1.7976931348623157e308,
    4.9e-324,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    0x1p63,
    1e15
  };
  private static final long[] LONGS = {
    0, 1, -1, 2, 7, 100, 1000, Long.MAX_VALUE, Long.MIN_VALUE, Integer.MAX_VALUE, 86_400
  };

  private final Random random;
  private int commits;

  RandomRows(Random random) {
    this.random = random;
  }

  /**
   * @param tables none for messages only
   */
  List<Change> changes(List<TableSchema> tables, int count) {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      changes.add(
          tables.isEmpty() || random.nextInt(16) == 0
              ? message()
              : change(tables.get(random.nextInt(tables.size()))));
    }
    return changes;
  }

  private Change message() {
    String prefix = pick("p", "reports");
    return new Change.Message(origin(null), prefix, pick(TEXTS), random.nextBoolean());
  }

  private Change change(TableSchema table) {
    Row row = row(table, false);
    return switch (random.nextInt(8)) {
      case 0, 1 -> new Change.Inserted(origin(null), row);
      case 2 -> new Change.Inserted(origin("first"), row);
      case 3, 4, 5 -> new Change.Updated(origin(null), row(table, true), row);
      case 6 -> new Change.Deleted(origin(null), row(table, true));
      default -> new Change.Truncated(origin(null), table);
    };
  }

  private Origin origin(@Nullable String backfill) {
    commits += random.nextInt(3);
    Instant time = Instant.parse("2026-11-20T10:15:30.123456Z").plusSeconds(commits * 47L);
    return new Origin(
        backfill == null ? 771 + commits : 0,
        time,
        new Position(0x16B3748L + commits),
        0,
        backfill);
  }

  private Row row(TableSchema table, boolean old) {
    List<Column> columns = table.columns();
    Object[] values = new Object[columns.size()];
    for (int i = 0; i < values.length; i++) {
      boolean key = table.primaryKey().contains(i);
      if (old && !table.identity().contains(i)) {
        values[i] = Row.NOT_LOGGED;
      } else if (!key && random.nextInt(20) == 0) {
        values[i] = Row.NOT_LOGGED;
      } else if (!key && random.nextInt(60) == 0) {
        values[i] = new UnreadableValueException("column " + columns.get(i).name());
      } else {
        boolean some = key || !columns.get(i).nullable() || random.nextInt(5) > 0;
        // A few keys only, so that rules that remember meet one twice.
        values[i] = key ? keyValue(columns.get(i)) : some ? value(columns.get(i).type()) : null;
      }
    }
    return new ArrayRow(table, values);
  }

  private Object keyValue(Column column) {
    return switch (column.type().kind()) {
      case INTEGER -> (long) random.nextInt(3);
      case TEXT -> TEXTS[random.nextInt(3)];
      default -> value(column.type());
    };
  }

  private Object value(ColumnType type) {
    return switch (type.kind()) {
      case BOOLEAN -> random.nextBoolean();
      case INTEGER -> {
        long number = LONGS[random.nextInt(LONGS.length)];
        yield type.sqlName().equals("bigint") ? number : (Object) (long) (int) number;
      }
      case FLOAT -> DOUBLES[random.nextInt(DOUBLES.length)];
      case NUMERIC ->
          random.nextInt(8) == 0
              // One of a fixed scale is never infinite.
              ? DOUBLES[6 + (type.sqlName().contains("(") ? 0 : random.nextInt(3))]
              : random.nextInt(40) == 0
                  ? WIDEST
                  : (Object) NUMERICS[random.nextInt(NUMERICS.length)];
      case TEXT -> random.nextInt(30) == 0 ? "xy".repeat(random.nextInt(50_000)) : pick(TEXTS);
      case UUID -> new UUID(random.nextLong(), random.nextLong()).toString();
      case ENUM -> pick("ok", "sad", "new label");
      case TIMESTAMP_TZ ->
          pick(
              Instant.MAX,
              Instant.MIN,
              Instant.EPOCH,
              Instant.parse("2026-11-20T10:15:30.5Z"),
              Instant.parse("-4712-01-01T00:00:00Z"),
              Instant.parse("+294276-12-31T23:59:59.999999Z"));
      case TIMESTAMP ->
          pick(
              LocalDateTime.MAX,
              LocalDateTime.MIN,
              LocalDateTime.of(2026, 11, 20, 10, 15),
              LocalDateTime.of(294_276, 12, 31, 23, 59, 59),
              LocalDateTime.of(-4712, 1, 1, 0, 0));
      case DATE ->
          pick(
              LocalDate.MAX,
              LocalDate.MIN,
              LocalDate.of(2026, 11, 20),
              LocalDate.of(5_874_897, 12, 31),
              LocalDate.of(-4712, 1, 1));
      case TIME ->
          pick(new TimeOfDay(0), new TimeOfDay(86_400_000_000L), TimeOfDay.parse("09:30:00.5"));
      case INTERVAL ->
          pick(
              new Interval(0, 0, 0),
              new Interval(-1, 2, -3),
              new Interval(0, 0, 5_400_000_000L),
              Interval.INFINITY,
              Interval.MINUS_INFINITY,
              new Interval(Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MIN_VALUE));
      case BYTES -> {
        byte[] bytes = new byte[random.nextInt(5)];
        random.nextBytes(bytes);
        yield bytes;
      }
      case JSON -> new Json(pick(JSONS));
      case ARRAY -> array(type.element(), random.nextInt(4) == 0 ? 2 : 1);
      case OPAQUE -> pick("10.0.0.1/8", "", "(1,2)");
    };
  }

  private List<Object> array(@Nullable ColumnType element, int dimensions) {
    List<@Nullable Object> values = new ArrayList<>();
    boolean small = element != null && element.kind() != ColumnType.Kind.NUMERIC;
    int size = small && dimensions == 1 && random.nextInt(40) == 0 ? 1001 : random.nextInt(4);
    for (int i = 0; i < size && element != null; i++) {
      values.add(
          dimensions > 1
              ? array(element, dimensions - 1)
              : random.nextInt(6) == 0 ? null : value(element));
    }
    return java.util.Collections.unmodifiableList(values);
  }

  @SafeVarargs
  private <T> T pick(T... values) {
    return values[random.nextInt(values.length)];
  }

  /** A row of decoded values; an exception stands for one that cannot be decoded. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record ArrayRow(TableSchema schema, @Nullable Object[] values) implements Row {
    @Override
    public @Nullable Object get(int column) {
      Object value = values[column];
      if (value instanceof UnreadableValueException failure) {
        throw failure;
      }
      return value;
    }
  }
}
