package io.rowbell.language.expression;

import io.rowbell.language.issue.Codes;
import io.rowbell.model.Interval;
import io.rowbell.model.Json;
import io.rowbell.model.TimeOfDay;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes canonical values as JSON in UTF-8, straight into a growing byte array. Commas are its own
 * affair; that begins and ends match is the caller's. For one thread; {@link #reset} starts again.
 */
public final class JsonWriter {
  private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** The most that may be written: an event above this would take the process's memory. */
  static final int MAX_SIZE = 1 << 25;

  private static final int SMALL = 1 << 16;

  private byte[] bytes = new byte[256];
  private int size;
  private boolean comma;

  /** Forgets what was written, and keeps the array unless it has grown large. */
  public JsonWriter reset() {
    if (bytes.length > SMALL) {
      bytes = new byte[256];
    }
    size = 0;
    comma = false;
    return this;
  }

  /** Starts an object. */
  public JsonWriter beginObject() {
    return begin('{');
  }

  /** Ends an object. */
  public JsonWriter endObject() {
    return end('}');
  }

  /** Starts an array. */
  public JsonWriter beginArray() {
    return begin('[');
  }

  /** Ends an array. */
  public JsonWriter endArray() {
    return end(']');
  }

  /** The name of the value that comes next. */
  public JsonWriter name(String name) {
    separate();
    string(name);
    put(':');
    comma = false;
    return this;
  }

  /**
   * A value of any canonical class, a Map or List of such, or null. NaN and the infinities, which
   * JSON has not, become texts.
   *
   * @throws EvaluationException with X402 if all that was written is larger than 32 MiB
   * @throws IllegalArgumentException if it is of another class, or Row.NOT_LOGGED
   */
  public JsonWriter value(@Nullable Object value) {
    if (value instanceof List<?> list) {
      beginArray();
      for (Object element : list) {
        value(element);
      }
      return endArray();
    }
    if (value instanceof Map<?, ?> map) {
      beginObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        name((String) entry.getKey());
        value(entry.getValue());
      }
      return endObject();
    }
    separate();
    scalar(value);
    comma = true;
    return this;
  }

  /** How many bytes have been written. */
  public int size() {
    return size;
  }

  /** A copy of what was written. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  private JsonWriter begin(char bracket) {
    separate();
    put(bracket);
    comma = false;
    return this;
  }

  private JsonWriter end(char bracket) {
    put(bracket);
    comma = true;
    return this;
  }

  private void separate() {
    if (comma) {
      put(',');
    }
  }

  private void scalar(@Nullable Object value) {
    if (value instanceof String text) {
      string(text);
    } else if (value == null) {
      raw(NULL);
    } else if (value instanceof Long number) {
      integer(number);
    } else if (value instanceof BigDecimal number) {
      ascii(number.toPlainString());
    } else if (value instanceof Boolean truth) {
      raw(truth ? TRUE : FALSE);
    } else if (value instanceof Double number) {
      boolean finite = Double.isFinite(number);
      if (!finite) {
        put('"');
      }
      ascii(CanonicalText.of(number.doubleValue()));
      if (!finite) {
        put('"');
      }
    } else if (value instanceof Json json) {
      utf8(json.text());
    } else {
      quoted(value);
    }
  }

  private void quoted(Object value) {
    put('"');
    ensure(Iso.MAX_LENGTH);
    if (value instanceof Instant instant) {
      size = Iso.write(bytes, size, instant);
    } else if (value instanceof LocalDateTime timestamp) {
      size = Iso.write(bytes, size, timestamp);
    } else if (value instanceof LocalDate date) {
      size = Iso.write(bytes, size, date);
    } else if (value instanceof TimeOfDay || value instanceof Interval) {
      ascii(value.toString());
    } else if (value instanceof byte[] binary) {
      raw(Base64.getEncoder().encode(binary));
    } else {
      throw new IllegalArgumentException("not a canonical value: " + value.getClass());
    }
    put('"');
  }

  private void integer(long value) {
    if (value == Long.MIN_VALUE) {
      ascii(Long.toString(value));
      return;
    }
    ensure(20);
    if (value < 0) {
      bytes[size++] = '-';
    }
    long rest = Math.abs(value);
    int digits = 1;
    for (long bound = 10; digits < 19 && rest >= bound; bound *= 10) {
      digits++;
    }
    for (int i = size + digits - 1; i >= size; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    size += digits;
  }

  private void string(String text) {
    ensure(text.length() + 2);
    bytes[size++] = '"';
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        i = wide(text, i);
      } else if (c < 0x20 || c == '"' || c == '\\') {
        escape(c);
      } else {
        put(c);
      }
    }
    put('"');
  }

  /** Text that is valid JSON already. */
  private void utf8(String text) {
    ensure(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        i = wide(text, i);
      } else {
        put(c);
      }
    }
  }

  /** One character beyond ASCII; returns the index of its last char. */
  private int wide(String text, int index) {
    char c = text.charAt(index);
    if (c < 0x800) {
      put((char) (0xC0 | (c >> 6)));
    } else if (Character.isHighSurrogate(c)
        && index + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(index + 1))) {
      int point = Character.toCodePoint(c, text.charAt(index + 1));
      put((char) (0xF0 | (point >> 18)));
      put((char) (0x80 | ((point >> 12) & 0x3F)));
      put((char) (0x80 | ((point >> 6) & 0x3F)));
      put((char) (0x80 | (point & 0x3F)));
      return index + 1;
    } else if (Character.isSurrogate(c)) {
      // Half a character has no UTF-8; JSON can at least name it.
      unicode(c);
      return index;
    } else {
      put((char) (0xE0 | (c >> 12)));
      put((char) (0x80 | ((c >> 6) & 0x3F)));
    }
    put((char) (0x80 | (c & 0x3F)));
    return index;
  }

  private void escape(char c) {
    switch (c) {
      case '"', '\\' -> pair(c);
      case '\n' -> pair('n');
      case '\r' -> pair('r');
      case '\t' -> pair('t');
      case '\b' -> pair('b');
      case '\f' -> pair('f');
      default -> unicode(c);
    }
  }

  private void pair(char c) {
    put('\\');
    put(c);
  }

  private void unicode(char c) {
    pair('u');
    for (int shift = 12; shift >= 0; shift -= 4) {
      put((char) HEX[(c >> shift) & 0xF]);
    }
  }

  private void ascii(String text) {
    ensure(text.length());
    for (int i = 0; i < text.length(); i++) {
      bytes[size++] = (byte) text.charAt(i);
    }
  }

  private void raw(byte[] text) {
    ensure(text.length);
    System.arraycopy(text, 0, bytes, size, text.length);
    size += text.length;
  }

  private void put(char c) {
    if (size == bytes.length) {
      ensure(1);
    }
    bytes[size++] = (byte) c;
  }

  private void ensure(int more) {
    if (bytes.length - size < more) {
      long needed = (long) size + more;
      if (needed > MAX_SIZE) {
        throw new EvaluationException(
            Codes.TOO_LARGE, "the JSON is larger than " + MAX_SIZE + " bytes");
      }
      bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(2L * bytes.length, MAX_SIZE)));
    }
  }
}
