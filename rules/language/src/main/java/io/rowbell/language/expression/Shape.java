package io.rowbell.language.expression;

import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the values of an expression look like in an event: their type, and whether there may be
 * none. In doubt there may be.
 *
 * @param type the static type
 * @param column the SQL type, where the values are those of a column; else null
 * @param nullable whether null, or what follows from null, is among the values
 * @param omittable whether it may depend on a value that PostgreSQL did not log
 * @param nested whether a value may be a list of such values, or lists of lists: the elements of an
 *     array of more dimensions than one
 * @param element of a list, its elements; else null
 * @param members of a map whose names are known, its values by name; one that is omittable may not
 *     be there; else null
 */
public record Shape(
    Type type,
    @Nullable ColumnType column,
    boolean nullable,
    boolean omittable,
    boolean nested,
    @Nullable Shape element,
    @Nullable Map<String, Shape> members) {
  public Shape {
    Objects.requireNonNull(type, "type");
    members = members == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(members));
  }

  /** Values of a type, none of them missing. */
  static Shape of(Type type) {
    Type element = type.element();
    return new Shape(type, null, false, false, false, element == null ? null : of(element), null);
  }

  /** Values of a type of which nothing else is known. */
  static Shape anything(Type type) {
    Shape shape = of(type).orNull(true).orOmitted(true);
    Type element = type.element();
    return element == null
        ? shape
        : new Shape(type, null, true, true, false, of(element).orNull(true).orNested(), null);
  }

  /** The values of a column. */
  static Shape of(Column column) {
    return of(column.type()).orNull(column.nullable());
  }

  private static Shape of(ColumnType type) {
    ColumnType of = type.element();
    Shape element = of == null ? null : of(of).orNull(true).orNested();
    return new Shape(Type.of(type), type, false, false, false, element, null);
  }

  static Shape listOf(Type type, Shape element) {
    return new Shape(type, null, false, false, false, element.orOmitted(false), null);
  }

  static Shape mapOf(Map<String, Shape> members) {
    return new Shape(Type.MAP, null, false, false, false, null, members);
  }

  /** A constant's. */
  static Shape ofConstant(Type type, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, Shape> members = new LinkedHashMap<>();
      map.forEach((name, member) -> members.put((String) name, ofConstant(typeOf(member), member)));
      return mapOf(members);
    }
    if (value instanceof List<?> list) {
      List<Shape> elements =
          list.stream().map(element -> ofConstant(typeOf(element), element)).toList();
      return listOf(type, union(Objects.requireNonNull(type.element()), elements));
    }
    return of(type).orNull(value == null || value == Node.UNKNOWN);
  }

  private static Type typeOf(@Nullable Object value) {
    if (value == null) {
      return Type.NULL;
    }
    if (value instanceof List) {
      return Type.listOf(Type.JSON);
    }
    return value instanceof Boolean
        ? Type.BOOLEAN
        : value instanceof Long
            ? Type.INT
            : value instanceof BigDecimal
                ? Type.DECIMAL
                : value instanceof Map ? Type.MAP : value instanceof String ? Type.TEXT : Type.JSON;
  }

  /** The values of any of several, converted to one type. */
  static Shape union(Type type, Collection<Shape> shapes) {
    boolean nullable = false;
    boolean omittable = false;
    Shape union = null;
    for (Shape shape : shapes) {
      nullable |= shape.nullable;
      omittable |= shape.omittable;
      if (!shape.type.is(Type.Kind.NULL)) {
        union = union == null ? shape : union.or(shape);
      }
    }
    Shape known = union != null && union.type.equals(type) ? union : anything(type);
    return new Shape(
        type,
        known.column,
        nullable || shapes.isEmpty(),
        omittable,
        known.nested,
        known.element,
        known.members);
  }

  private Shape or(Shape other) {
    if (equals(other)) {
      return this;
    }
    boolean sameMembers =
        members != null && other.members != null && members.keySet().equals(other.members.keySet());
    Map<String, Shape> both = null;
    if (sameMembers && members != null && other.members != null) {
      both = new LinkedHashMap<>();
      for (Map.Entry<String, Shape> member : members.entrySet()) {
        Shape second = Objects.requireNonNull(other.members.get(member.getKey()));
        both.put(member.getKey(), member.getValue().either(second));
      }
    }
    Shape elements =
        element == null || other.element == null ? null : element.either(other.element);
    Type common =
        type.equals(other.type)
            ? type
            : elements != null ? Type.listOf(elements.type) : commonType(other);
    return new Shape(
        common,
        Objects.equals(column, other.column) ? column : null,
        nullable || other.nullable,
        omittable || other.omittable,
        nested || other.nested,
        elements,
        both);
  }

  private Shape either(Shape other) {
    if (type.is(Type.Kind.NULL) || other.type.is(Type.Kind.NULL)) {
      return (type.is(Type.Kind.NULL) ? other : this)
          .orNull(true)
          .orOmitted(omittable || other.omittable);
    }
    return or(other);
  }

  private Type commonType(Shape other) {
    if (type.number() && other.type.number()) {
      boolean inexact = type.is(Type.Kind.DOUBLE) || other.type.is(Type.Kind.DOUBLE);
      return inexact ? Type.DOUBLE : Type.DECIMAL;
    }
    return type.textual() && other.type.textual() ? Type.TEXT : Type.JSON;
  }

  /** The same, and null if so. */
  Shape orNull(boolean also) {
    return new Shape(type, column, nullable || also, omittable, nested, element, members);
  }

  /** What a primary key's column can be: null only where there may be no row. */
  public Shape key(boolean rowMayBeAbsent) {
    return notNull().orNull(rowMayBeAbsent).orOmitted(false);
  }

  /** The same without null. */
  Shape notNull() {
    return new Shape(type, column, false, omittable, nested, element, members);
  }

  /** The same where a value may be or may not be missing for not being logged. */
  Shape orOmitted(boolean missing) {
    return new Shape(type, column, nullable, missing, nested, element, members);
  }

  private Shape orNested() {
    return new Shape(type, column, nullable, omittable, true, element, members);
  }
}
