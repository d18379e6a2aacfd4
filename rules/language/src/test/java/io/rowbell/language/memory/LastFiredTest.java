package io.rowbell.language.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.Interval;
import io.rowbell.model.Json;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.Row;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import io.rowbell.model.TimeOfDay;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every value that a column can have comes back from the journal's bytes as it was. */
class LastFiredTest {
  private static final TableSchema TABLE =
      new TableSchema(
          new TableId("public", "t"),
          List.of(new Column("v", ColumnType.of(ColumnType.Kind.TEXT, "text"), true)),
          List.of(),
          ReplicaIdentity.FULL,
          List.of());

  static List<@Nullable Object> values() {
    return Arrays.asList(
        null,
        Row.NOT_LOGGED,
        true,
        false,
        0L,
        Long.MIN_VALUE,
        -0.0,
        Double.NaN,
        Double.NEGATIVE_INFINITY,
        new BigDecimal("100.00"),
        new BigDecimal("-1E+40"),
        new BigDecimal("0.000"),
        "",
        "größe \u0000 \uD83D\uDD14",
        Instant.MAX,
        Instant.MIN,
        Instant.parse("2026-11-21T10:15:30.123456Z"),
        LocalDateTime.MAX,
        LocalDateTime.MIN,
        LocalDateTime.parse("0001-01-01T00:00:00.000001"),
        LocalDate.MAX,
        LocalDate.MIN,
        LocalDate.of(-43, 3, 15),
        new TimeOfDay(86_400_000_000L),
        Interval.INFINITY,
        Interval.MINUS_INFINITY,
        new Interval(-1, 2, -3),
        new byte[] {0, -1, 127},
        new Json("{\"a\": [1, null]}"),
        List.of(),
        Arrays.asList(1L, null, List.of("a", new BigDecimal("1.0"))));
  }

  @ParameterizedTest
  @MethodSource("values")
  void aValueComesBackAsItWas(@Nullable Object value) {
    Instant firedAt = Instant.parse("2026-11-21T10:15:30.000001Z");
    byte[] bytes = LastFired.write(firedAt, new OneValue(value), new int[] {0});

    LastFired read = LastFired.read(ByteBuffer.wrap(bytes));

    assertThat(read.firedAt()).isEqualTo(firedAt);
    Object back = read.row(TABLE, new int[] {0}).get(0);
    if (value == Row.NOT_LOGGED) {
      assertThat(back).isSameAs(value);
    } else {
      assertThat(back).isEqualTo(value);
    }
  }

  @Test
  void aKeyThatWasOnlySeenHasNoTime() {
    byte[] bytes = LastFired.write(null, new OneValue(1L), new int[] {0});

    assertThat(LastFired.read(ByteBuffer.wrap(bytes)).firedAt()).isNull();
    assertThat(LastFired.read(ByteBuffer.wrap(bytes)).lacksValues()).isFalse();
  }

  @Test
  void whatIsLackingIsThereOnceARowHasIt() {
    int[] columns = {0};
    byte[] bytes = LastFired.write(null, new OneValue(Row.NOT_LOGGED), columns);
    LastFired lacking = LastFired.read(ByteBuffer.wrap(bytes));
    assertThat(lacking.lacksValues()).isTrue();
    assertThat(lacking.completed(new OneValue(Row.NOT_LOGGED), columns)).isNull();

    byte[] completed =
        Objects.requireNonNull(lacking.completed(new OneValue("a"), columns), "completed");
    LastFired whole = LastFired.read(ByteBuffer.wrap(completed));
    assertThat(whole.firedAt()).isNull();
    assertThat(whole.lacksValues()).isFalse();
    assertThat(whole.row(TABLE, columns).get(0)).isEqualTo("a");
  }

  private record OneValue(@Nullable Object value) implements Row {
    @Override
    public TableSchema schema() {
      return TABLE;
    }

    @Override
    public @Nullable Object get(int column) {
      return value;
    }
  }
}
