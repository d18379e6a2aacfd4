package io.rowbell.model;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the values of one row, simple enough that a database can ask it too. It holds or
 * it does not; there is no third answer.
 */
public sealed interface RowPredicate {

  /** How a value is compared with a constant. Null is no value: only NOT_EQUAL holds of it. */
  enum Operator {
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL;

    /** The operator that holds of the other values. */
    public Operator negated() {
      return switch (this) {
        case EQUAL -> NOT_EQUAL;
        case NOT_EQUAL -> EQUAL;
        case LESS -> GREATER_OR_EQUAL;
        case LESS_OR_EQUAL -> GREATER;
        case GREATER -> LESS_OR_EQUAL;
        case GREATER_OR_EQUAL -> LESS;
      };
    }
  }

  /**
   * A column against a constant.
   *
   * @param constant a {@link BigDecimal} for a column of numbers, by value; a String for text,
   *     character by character; or a Boolean. An Integer or Long is taken as a number
   */
  record Compare(String column, Operator operator, Object constant) implements RowPredicate {
    public Compare {
      Objects.requireNonNull(column, "column");
      Objects.requireNonNull(operator, "operator");
      if (constant instanceof Integer || constant instanceof Long) {
        constant = BigDecimal.valueOf(((Number) constant).longValue());
      }
      if (constant instanceof BigDecimal number) {
        constant = number.stripTrailingZeros();
      } else if (!(constant instanceof String || constant instanceof Boolean)) {
        throw new IllegalArgumentException("no constant of a row predicate");
      }
    }

    @Override
    public Set<String> columns() {
      return Set.of(column);
    }
  }

  /**
   * Whether a column is null.
   *
   * @param wanted whether it is to be
   */
  record Null(String column, boolean wanted) implements RowPredicate {
    @Override
    public Set<String> columns() {
      return Set.of(column);
    }
  }

  /** All of several hold; made by {@link #all}. */
  record All(List<RowPredicate> parts) implements RowPredicate {
    public All {
      parts = List.copyOf(parts);
    }

    @Override
    public Set<String> columns() {
      return columnsOf(parts);
    }
  }

  /** One of several holds; made by {@link #any}. */
  record Any(List<RowPredicate> parts) implements RowPredicate {
    public Any {
      parts = List.copyOf(parts);
    }

    @Override
    public Set<String> columns() {
      return columnsOf(parts);
    }
  }

  /** The columns that are read. */
  Set<String> columns();

  private static Set<String> columnsOf(List<RowPredicate> parts) {
    Set<String> columns = new TreeSet<>();
    parts.forEach(part -> columns.addAll(part.columns()));
    return columns;
  }

  /**
   * What holds if each of at least one does.
   *
   * @throws IllegalArgumentException if there is none
   */
  static RowPredicate all(List<RowPredicate> parts) {
    Set<RowPredicate> flat = new LinkedHashSet<>();
    parts.forEach(part -> flat.addAll(part instanceof All all ? all.parts() : List.of(part)));
    return flat.size() == 1 ? flat.iterator().next() : new All(some(flat));
  }

  /**
   * What holds if one of at least one does.
   *
   * @throws IllegalArgumentException if there is none
   */
  static RowPredicate any(List<RowPredicate> parts) {
    Set<RowPredicate> flat = new LinkedHashSet<>();
    parts.forEach(part -> flat.addAll(part instanceof Any any ? any.parts() : List.of(part)));
    return flat.size() == 1 ? flat.iterator().next() : new Any(some(flat));
  }

  private static List<RowPredicate> some(Set<RowPredicate> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("no predicate");
    }
    return List.copyOf(parts);
  }

  /**
   * The narrowest predicate that reads only some columns and holds of every row of which this one
   * holds.
   *
   * @return null if that is every row
   */
  default @Nullable RowPredicate within(Set<String> columns) {
    if (this instanceof All all) {
      List<RowPredicate> parts = new ArrayList<>();
      for (RowPredicate part : all.parts()) {
        RowPredicate kept = part.within(columns);
        if (kept != null) {
          parts.add(kept);
        }
      }
      return parts.isEmpty() ? null : all(parts);
    }
    if (this instanceof Any any) {
      List<RowPredicate> parts = new ArrayList<>();
      for (RowPredicate part : any.parts()) {
        RowPredicate kept = part.within(columns);
        if (kept == null) {
          return null;
        }
        parts.add(kept);
      }
      return any(parts);
    }
    return columns.containsAll(columns()) ? this : null;
  }

  /**
   * Whether another certainly holds of every row of which this one holds. Decided by form: false
   * where it cannot be seen.
   */
  default boolean implies(RowPredicate other) {
    if (equals(other)) {
      return true;
    }
    if (this instanceof Any any) {
      return any.parts().stream().allMatch(part -> part.implies(other));
    }
    if (other instanceof All all) {
      return all.parts().stream().allMatch(this::implies);
    }
    return (other instanceof Any any && any.parts().stream().anyMatch(this::implies))
        || (this instanceof All all && all.parts().stream().anyMatch(part -> part.implies(other)));
  }
}
