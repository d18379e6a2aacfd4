package io.rowbell.language.expression;

import io.rowbell.model.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What goes through a list's elements: CEL's macros, bounded. */
final class Comprehension {
  static final int MAX_ELEMENTS = 1000;

  /** As many as an event may have of them. */
  static final int MAX_ROWS = 10_000;

  private Comprehension() {}

  enum Kind {
    ALL,
    EXISTS,
    EXISTS_ONE
  }

  /** The elements, or what to answer instead: UNKNOWN, NOT_LOGGED. */
  private static Object elements(Node list, Evaluation e) {
    Object value = list.eval(e);
    if (value == null || !Node.known(value)) {
      return Node.lacking(value);
    }
    List<?> elements = Membership.elements(value);
    int most = list.type().rows() == null ? MAX_ELEMENTS : MAX_ROWS;
    if (elements.size() > most) {
      throw new EvaluationException(
          "X406", "the list has " + elements.size() + " elements, more than " + most);
    }
    Type type = list.type().element();
    return type == null ? elements : Membership.elements(type, elements);
  }

  /** What the variable stands for. */
  private static Images within(Node list, Images images) {
    Shape element = list.shape(images).element();
    return images.withElement(element == null ? Shape.of(Type.JSON).orNull(true) : element);
  }

  /** {@code all exists exists_one}. As in CEL, a failure counts only where nothing else decides. */
  static final class Quantified extends Node.Condition {
    private final Kind kind;
    private final Node list;
    private final Node body;

    Quantified(Kind kind, Node list, Node body) {
      this.kind = kind;
      this.list = list;
      this.body = body;
    }

    @Override
    Shape shape(Images images) {
      Shape of = list.shape(images);
      Shape each = body.shape(within(list, images));
      return Shape.of(type())
          .orNull(of.nullable() || each.nullable())
          .orOmitted(of.omittable() || each.omittable());
    }

    @Override
    Truth test(Evaluation e) {
      Object elements = elements(list, e);
      if (!(elements instanceof List<?> values)) {
        return elements == Row.NOT_LOGGED ? Truth.NOT_LOGGED : Truth.UNKNOWN;
      }
      Object outer = e.element;
      try {
        return kind == Kind.EXISTS_ONE ? one(values, e) : quantified(values, e);
      } finally {
        e.element = outer;
      }
    }

    private Truth quantified(List<?> values, Evaluation e) {
      boolean all = kind == Kind.ALL;
      Truth deciding = Truth.of(!all);
      Truth result = Truth.of(all);
      EvaluationException failure = null;
      for (Object value : values) {
        e.element = value;
        try {
          Truth next = body.test(e);
          result = all ? result.and(next) : result.or(next);
        } catch (EvaluationException thrown) {
          failure = thrown;
        }
        if (result == deciding) {
          return result;
        }
      }
      if (failure != null) {
        throw failure;
      }
      return result;
    }

    private Truth one(List<?> values, Evaluation e) {
      int found = 0;
      Truth lacking = null;
      for (Object value : values) {
        e.element = value;
        Truth next = body.test(e);
        found += next == Truth.TRUE ? 1 : 0;
        lacking = next.unknown() ? next : lacking;
      }
      return found > 1 || lacking == null ? Truth.of(found == 1) : lacking;
    }
  }

  /** {@code list.filter(x, condition)}. */
  static final class Filter extends Node {
    private final Node list;
    private final Node body;

    Filter(Type type, Node list, Node body) {
      super(type);
      this.list = list;
      this.body = body;
    }

    @Override
    Shape shape(Images images) {
      Images within = within(list, images);
      Shape of = list.shape(images);
      return Shape.listOf(type(), within.element())
          .orNull(of.nullable())
          .orOmitted(of.omittable() || body.shape(within).omittable());
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      Object elements = elements(list, e);
      if (!(elements instanceof List<?> values)) {
        return elements;
      }
      Object outer = e.element;
      try {
        List<@Nullable Object> kept = new ArrayList<>();
        for (Object value : values) {
          e.element = value;
          Truth truth = body.test(e);
          if (truth == Truth.NOT_LOGGED) {
            return Row.NOT_LOGGED;
          }
          if (truth == Truth.TRUE) {
            kept.add(value);
          }
        }
        return Collections.unmodifiableList(kept);
      } finally {
        e.element = outer;
      }
    }
  }

  /** {@code list.map(x, expression)}. */
  static final class Mapped extends Node {
    private final Node list;
    private final Node body;

    Mapped(Type type, Node list, Node body) {
      super(type);
      this.list = list;
      this.body = body;
    }

    @Override
    Shape shape(Images images) {
      Shape each = body.shape(within(list, images));
      Shape of = list.shape(images);
      return Shape.listOf(type(), each)
          .orNull(of.nullable())
          .orOmitted(of.omittable() || each.omittable());
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      Object elements = elements(list, e);
      if (!(elements instanceof List<?> values)) {
        return elements;
      }
      Object outer = e.element;
      try {
        List<@Nullable Object> mapped = new ArrayList<>(values.size());
        for (Object value : values) {
          e.element = value;
          Object result = body.eval(e);
          if (result == Row.NOT_LOGGED) {
            return result;
          }
          mapped.add(result == UNKNOWN ? null : result);
        }
        return Collections.unmodifiableList(mapped);
      } finally {
        e.element = outer;
      }
    }
  }
}
