package io.rowbell.language.expression;

import io.rowbell.model.ColumnType;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The static type of an expression.
 *
 * @param kind what its values are
 * @param element the type of a list's elements; null for every other kind
 * @param labels an enum's labels where they are known; empty for every other kind
 * @param word how messages call the type
 * @param child whose rows they are; null for every other kind
 */
public record Type(
    Kind kind, @Nullable Type element, List<String> labels, String word, @Nullable Child child) {

  /** What values are. The Java classes are those of {@link ColumnType.Kind}. */
  public enum Kind {
    /** The literal {@code null}. */
    NULL("null"),
    BOOLEAN("boolean"),
    INT("int"),
    /** {@code numeric}, exact. */
    DECIMAL("numeric"),
    DOUBLE("double"),
    TEXT("text"),
    UUID("uuid"),
    ENUM("enum"),
    /** {@code timestamptz}: {@link java.time.Instant}. */
    TIMESTAMP("timestamp with time zone"),
    /** {@code timestamp}: {@link java.time.LocalDateTime}. */
    LOCAL_TIMESTAMP("timestamp without time zone"),
    DATE("date"),
    TIME("time"),
    /** Intervals and durations: {@link io.rowbell.model.Interval}. */
    INTERVAL("interval"),
    BYTES("bytes"),
    /**
     * A value whose type is known only when it is there: any canonical value, and {@link
     * io.rowbell.model.Json} for JSON numbers, objects and arrays.
     */
    JSON("json"),
    LIST("list"),
    /** {@code {'name': value}}: a {@link java.util.Map} with text keys, in the order written. */
    MAP("map"),
    /** A row of a child table: {@link io.rowbell.model.Row}. */
    ROW("row"),
    /** A type the language does not know: its text as SQL prints it. */
    OPAQUE("text of another type");

    private final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  static final Type NULL = of(Kind.NULL);
  static final Type BOOLEAN = of(Kind.BOOLEAN);
  static final Type INT = of(Kind.INT);
  static final Type DECIMAL = of(Kind.DECIMAL);
  static final Type DOUBLE = of(Kind.DOUBLE);
  static final Type TEXT = of(Kind.TEXT);
  static final Type TIMESTAMP = of(Kind.TIMESTAMP);
  static final Type LOCAL_TIMESTAMP = of(Kind.LOCAL_TIMESTAMP);
  static final Type DATE = of(Kind.DATE);
  static final Type TIME = of(Kind.TIME);
  static final Type INTERVAL = of(Kind.INTERVAL);
  static final Type BYTES = of(Kind.BYTES);
  static final Type JSON = of(Kind.JSON);
  static final Type MAP = of(Kind.MAP);

  public Type {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(word, "word");
    labels = List.copyOf(labels);
    if ((kind == Kind.LIST) != (element != null)) {
      throw new IllegalArgumentException("a list has an element type, and only a list");
    }
  }

  static Type of(Kind kind) {
    return new Type(kind, null, List.of(), kind.word, null);
  }

  static Type listOf(Type element) {
    return new Type(Kind.LIST, element, List.of(), "list of " + element.word, null);
  }

  static Type enumOf(String word, List<String> labels) {
    return new Type(Kind.ENUM, null, labels, word, null);
  }

  static Type row(Child child) {
    return new Type(Kind.ROW, null, List.of(), "row of " + child.table().id().name(), child);
  }

  /** The type that a column's values have in an expression. */
  static Type of(ColumnType column) {
    return switch (column.kind()) {
      case BOOLEAN -> BOOLEAN;
      case INTEGER -> INT;
      case FLOAT -> DOUBLE;
      case NUMERIC -> DECIMAL;
      case TEXT -> TEXT;
      case UUID -> of(Kind.UUID);
      case ENUM -> enumOf(column.sqlName(), column.labels());
      case TIMESTAMP_TZ -> TIMESTAMP;
      case TIMESTAMP -> LOCAL_TIMESTAMP;
      case DATE -> DATE;
      case TIME -> TIME;
      case INTERVAL -> INTERVAL;
      case BYTES -> BYTES;
      case JSON -> JSON;
      case ARRAY -> listOf(of(Objects.requireNonNull(column.element())));
      case OPAQUE -> new Type(Kind.OPAQUE, null, List.of(), column.sqlName(), null);
    };
  }

  /** The type of a constant of a rule file. */
  static Type ofConstant(@Nullable Object value) {
    if (value == null) {
      return NULL;
    }
    if (value instanceof Boolean) {
      return BOOLEAN;
    }
    if (value instanceof Long) {
      return INT;
    }
    if (value instanceof BigDecimal) {
      return DECIMAL;
    }
    if (value instanceof List<?> list) {
      List<Type> types = list.stream().map(Type::ofConstant).distinct().toList();
      return listOf(types.size() == 1 ? types.get(0) : JSON);
    }
    return value instanceof Map ? MAP : TEXT;
  }

  boolean is(Kind other) {
    return kind == other;
  }

  /** Whose rows its values are or hold; null if they are no rows. */
  @Nullable Child rows() {
    return element == null ? child : element.rows();
  }

  /** Text, or one of the types whose values are text of a stricter form. */
  boolean textual() {
    return kind == Kind.TEXT || kind == Kind.UUID || kind == Kind.ENUM || kind == Kind.OPAQUE;
  }

  boolean number() {
    return kind == Kind.INT || kind == Kind.DECIMAL || kind == Kind.DOUBLE;
  }

  /** How messages call the type, for example {@code numeric}. */
  @Override
  public String toString() {
    return word;
  }
}
