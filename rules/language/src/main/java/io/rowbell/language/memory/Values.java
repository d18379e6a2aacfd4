package io.rowbell.language.memory;

import io.rowbell.model.Interval;
import io.rowbell.model.Json;
import io.rowbell.model.Row;
import io.rowbell.model.TimeOfDay;
import io.rowbell.model.UnreadableValueException;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Canonical values as bytes, each with a mark of its class. A mark keeps its meaning for ever. */
final class Values {
  private static final int NULL = 0;
  private static final int NOT_LOGGED = 1;
  private static final int FALSE = 2;
  private static final int TRUE = 3;
  private static final int LONG = 4;
  private static final int DOUBLE = 5;
  private static final int DECIMAL = 6;
  private static final int TEXT = 7;
  private static final int INSTANT = 8;
  private static final int LOCAL_DATE_TIME = 9;
  private static final int LOCAL_DATE = 10;
  private static final int TIME_OF_DAY = 11;
  private static final int INTERVAL = 12;
  private static final int BYTES = 13;
  private static final int JSON = 14;
  private static final int LIST = 15;
  private static final int UNREADABLE = 16;

  private Values() {}

  static void write(ByteArrayOutputStream out, @Nullable Object value) {
    if (value == null) {
      out.write(NULL);
    } else if (value == Row.NOT_LOGGED) {
      out.write(NOT_LOGGED);
    } else if (value instanceof Boolean truth) {
      out.write(truth ? TRUE : FALSE);
    } else if (value instanceof Long number) {
      put(out, LONG, ByteBuffer.allocate(8).putLong(number).array());
    } else if (value instanceof Double number) {
      put(out, DOUBLE, ByteBuffer.allocate(8).putDouble(number).array());
    } else if (value instanceof BigDecimal number) {
      put(out, DECIMAL, ByteBuffer.allocate(4).putInt(number.scale()).array());
      bytes(out, number.unscaledValue().toByteArray());
    } else if (value instanceof String text) {
      out.write(TEXT);
      bytes(out, text.getBytes(StandardCharsets.UTF_8));
    } else if (value instanceof Instant time) {
      put(
          out,
          INSTANT,
          ByteBuffer.allocate(12).putLong(time.getEpochSecond()).putInt(time.getNano()).array());
    } else if (value instanceof LocalDateTime time) {
      out.write(LOCAL_DATE_TIME);
      bytes(out, time.toString().getBytes(StandardCharsets.US_ASCII));
    } else if (value instanceof LocalDate date) {
      put(out, LOCAL_DATE, ByteBuffer.allocate(8).putLong(date.toEpochDay()).array());
    } else if (value instanceof TimeOfDay time) {
      put(out, TIME_OF_DAY, ByteBuffer.allocate(8).putLong(time.micros()).array());
    } else if (value instanceof Interval interval) {
      put(
          out,
          INTERVAL,
          ByteBuffer.allocate(16)
              .putInt(interval.months())
              .putInt(interval.days())
              .putLong(interval.micros())
              .array());
    } else if (value instanceof byte[] bytes) {
      out.write(BYTES);
      bytes(out, bytes);
    } else if (value instanceof Json json) {
      out.write(JSON);
      bytes(out, json.text().getBytes(StandardCharsets.UTF_8));
    } else if (value instanceof List<?> list) {
      put(out, LIST, ByteBuffer.allocate(4).putInt(list.size()).array());
      list.forEach(item -> write(out, item));
    } else if (value instanceof UnreadableValueException e) {
      out.write(UNREADABLE);
      bytes(out, String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8));
    } else {
      throw new IllegalArgumentException("no column has a " + value.getClass().getName());
    }
  }

  static @Nullable Object read(ByteBuffer in) {
    int mark = in.get();
    return switch (mark) {
      case NULL -> null;
      case NOT_LOGGED -> Row.NOT_LOGGED;
      case FALSE -> false;
      case TRUE -> true;
      case LONG -> in.getLong();
      case DOUBLE -> in.getDouble();
      case DECIMAL -> {
        int scale = in.getInt();
        yield decimal(in, scale);
      }
      case TEXT -> new String(bytes(in), StandardCharsets.UTF_8);
      case INSTANT -> Instant.ofEpochSecond(in.getLong(), in.getInt());
      case LOCAL_DATE_TIME -> LocalDateTime.parse(new String(bytes(in), StandardCharsets.US_ASCII));
      case LOCAL_DATE -> LocalDate.ofEpochDay(in.getLong());
      case TIME_OF_DAY -> new TimeOfDay(in.getLong());
      case INTERVAL -> new Interval(in.getInt(), in.getInt(), in.getLong());
      case BYTES -> bytes(in);
      case JSON -> new Json(new String(bytes(in), StandardCharsets.UTF_8));
      case LIST -> {
        int size = in.getInt();
        List<@Nullable Object> items = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
          items.add(read(in));
        }
        yield Collections.unmodifiableList(items);
      }
      case UNREADABLE ->
          new UnreadableValueException(new String(bytes(in), StandardCharsets.UTF_8));
      default -> throw new IllegalStateException("a value of an unknown class: " + mark);
    };
  }

  private static BigDecimal decimal(ByteBuffer in, int scale) {
    int length = in.getInt();
    if (length > Long.BYTES) {
      byte[] bytes = new byte[length];
      in.get(bytes);
      return new BigDecimal(new BigInteger(bytes), scale);
    }
    // Nearly all are as short: read without an array and an integer between.
    long unscaled = in.get();
    for (int i = 1; i < length; i++) {
      unscaled = (unscaled << Byte.SIZE) | (in.get() & 0xff);
    }
    return BigDecimal.valueOf(unscaled, scale);
  }

  private static void put(ByteArrayOutputStream out, int mark, byte[] fixed) {
    out.write(mark);
    out.writeBytes(fixed);
  }

  private static void bytes(ByteArrayOutputStream out, byte[] bytes) {
    out.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
    out.writeBytes(bytes);
  }

  private static byte[] bytes(ByteBuffer in) {
    byte[] bytes = new byte[in.getInt()];
    in.get(bytes);
    return bytes;
  }
}
