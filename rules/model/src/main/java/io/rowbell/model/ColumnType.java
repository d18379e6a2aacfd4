package io.rowbell.model;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The type of a column, as rules see it. A domain is its base type.
 *
 * @param kind what its values are
 * @param sqlName the type as PostgreSQL prints it, for example {@code numeric(10,2)}
 * @param element the type of an array's elements; null for every other kind
 * @param labels an enum's labels in their order; empty for every other kind
 */
public record ColumnType(
    Kind kind, String sqlName, @Nullable ColumnType element, List<String> labels) {

  /** What values are, and the Java class that stands for them. */
  public enum Kind {
    /** {@code bool}: {@link Boolean}. */
    BOOLEAN,
    /** {@code int2 int4 int8 oid}: {@link Long}. */
    INTEGER,
    /**
     * {@code float4 float8}: {@link Double}, the nearest to the text SQL prints (a float4 0.1 is
     * 0.1).
     */
    FLOAT,
    /**
     * {@code numeric}: {@link java.math.BigDecimal} with the scale SQL prints; NaN and the
     * infinities, which BigDecimal has not, are the {@link Double}s of that name.
     */
    NUMERIC,
    /**
     * {@code text varchar char name xml citext}: {@link String}; a {@code char(n)} keeps its
     * padding.
     */
    TEXT,
    /** {@code uuid}: {@link String} in the form SQL prints. */
    UUID,
    /** An enum: {@link String}, one of {@link ColumnType#labels}. */
    ENUM,
    /**
     * {@code timestamptz}: {@link java.time.Instant} in microseconds; {@code infinity} is {@link
     * java.time.Instant#MAX}, {@code -infinity} is MIN.
     */
    TIMESTAMP_TZ,
    /** {@code timestamp}: {@link java.time.LocalDateTime}; the infinities are MAX and MIN. */
    TIMESTAMP,
    /** {@code date}: {@link java.time.LocalDate}; the infinities are MAX and MIN. */
    DATE,
    /** {@code time}: {@link TimeOfDay}, which knows 24:00. */
    TIME,
    /** {@code interval}: {@link Interval}. */
    INTERVAL,
    /** {@code bytea}: {@code byte[]}. */
    BYTES,
    /** {@code json jsonb}: {@link Json}, its text as SQL prints it. */
    JSON,
    /** An array: an unmodifiable {@link List} of element values and nulls, nested by dimension. */
    ARRAY,
    /**
     * Everything else (timetz, money, bit, inet, cidr, macaddr, ranges, composites, hstore,
     * tsvector, geometric types, extensions' types): {@link String}, exactly what SQL prints.
     */
    OPAQUE
  }

  public ColumnType {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(sqlName, "sqlName");
    labels = List.copyOf(labels);
    if ((kind == Kind.ARRAY) != (element != null)) {
      throw new IllegalArgumentException(
          "an array has an element type, and only an array: " + sqlName);
    }
  }

  /** A type that is neither an array nor an enum. */
  public static ColumnType of(Kind kind, String sqlName) {
    return new ColumnType(kind, sqlName, null, List.of());
  }

  /** An enum. */
  public static ColumnType enumOf(String sqlName, List<String> labels) {
    return new ColumnType(Kind.ENUM, sqlName, null, labels);
  }

  /** An array of any number of dimensions: PostgreSQL's type does not say how many. */
  public static ColumnType arrayOf(ColumnType element) {
    return new ColumnType(Kind.ARRAY, element.sqlName + "[]", element, List.of());
  }

  @Override
  public String toString() {
    return sqlName;
  }
}
