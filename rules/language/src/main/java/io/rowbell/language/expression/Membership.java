package io.rowbell.language.expression;

import io.rowbell.model.Json;
import io.rowbell.model.Row;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code a in b}: whether {@code a == x} for an element x, or b has a member called a. */
final class Membership extends Node.Condition {
  /** The most elements of a list that is made; more is a rule that runs away. */
  static final int MAX_MADE = 100_000;

  final Node value;
  final Node container;

  Membership(Node value, Node container) {
    this.value = value;
    this.container = container;
  }

  @Override
  Shape shape(Images images) {
    return strict(type(), images, value, container);
  }

  /**
   * {@code a in [x, y]}.
   *
   * @param tests the comparisons of {@code a} with each element
   */
  static Node ofLiteral(Node value, List<Node> elements, List<Node> tests) {
    boolean texts =
        value.type().textual()
            && elements.stream()
                .allMatch(
                    element ->
                        element instanceof Constant constant && constant.value() instanceof String);
    // A uuid's constants are brought into their canonical form by the tests alone.
    return texts && !value.type().is(Type.Kind.UUID)
        ? new InTexts(value, elements)
        : new AnyOf(tests);
  }

  @Override
  Truth test(Evaluation e) {
    Object wanted = value.eval(e);
    Object all = container.eval(e);
    if (wanted == Row.NOT_LOGGED || all == Row.NOT_LOGGED) {
      return Truth.NOT_LOGGED;
    }
    if (wanted == UNKNOWN || all == UNKNOWN || all == null) {
      return Truth.UNKNOWN;
    }
    if (all instanceof Map<?, ?> map) {
      return Truth.of(wanted instanceof String && map.containsKey(wanted));
    }
    if (all instanceof Json json && json.text().stripLeading().startsWith("{")) {
      return Truth.of(
          wanted instanceof String name
              && JsonText.find(json.text(), List.of(name)) != JsonText.MISSING);
    }
    for (Object element : elements(all)) {
      if (Dynamic.same(wanted, element)) {
        return Truth.TRUE;
      }
    }
    return Truth.FALSE;
  }

  /**
   * The elements of a list or of a JSON array, the names of a map.
   *
   * @throws EvaluationException with X408 if it is neither
   */
  static List<?> elements(Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    if (value instanceof Map<?, ?> map) {
      return List.copyOf(map.keySet());
    }
    if (value instanceof Json json) {
      return JsonText.elements(json.text());
    }
    throw new EvaluationException("X408", "the JSON value is no array");
  }

  /**
   * An element as what its type promises: an array's type does not say how many dimensions it has.
   *
   * @throws EvaluationException with X408 if it is an array within an array
   */
  static @Nullable Object element(Type type, @Nullable Object element) {
    if (element instanceof List && !type.is(Type.Kind.LIST) && !type.is(Type.Kind.JSON)) {
      throw new EvaluationException("X408", "the array has more than one dimension");
    }
    return element;
  }

  /**
   * A list that was made.
   *
   * @throws EvaluationException with X406 if it is a rule that runs away
   */
  static List<?> bounded(List<?> made) {
    if (made.size() > MAX_MADE) {
      throw new EvaluationException("X406", "the list grows beyond " + MAX_MADE + " elements");
    }
    return made;
  }

  /**
   * All elements of a list as what their type promises.
   *
   * @throws EvaluationException with X408 if one is an array within an array
   */
  static List<?> elements(Type type, List<?> list) {
    list.forEach(value -> element(type, value));
    return list;
  }

  /** {@code a in ['x', 'y']}, of text. */
  static final class InTexts extends Node.Condition {
    final Node value;
    final Set<String> texts = new LinkedHashSet<>();

    InTexts(Node value, List<Node> elements) {
      this.value = value;
      elements.forEach(element -> texts.add((String) text(element)));
    }

    @Override
    Shape shape(Images images) {
      return strict(type(), images, value);
    }

    private static Object text(Node element) {
      Object text = ((Constant) element).value();
      return text == null ? "" : text;
    }

    @Override
    Truth test(Evaluation e) {
      Object wanted = value.eval(e);
      if (wanted instanceof String text) {
        return Truth.of(texts.contains(text));
      }
      return wanted == null
          ? Truth.FALSE
          : wanted == Row.NOT_LOGGED ? Truth.NOT_LOGGED : Truth.UNKNOWN;
    }
  }

  /** {@code a == x || a == y}. */
  static final class AnyOf extends Node.Condition {
    final Node[] tests;

    AnyOf(List<Node> tests) {
      this.tests = tests.toArray(Node[]::new);
    }

    @Override
    Shape shape(Images images) {
      return strict(type(), images, tests);
    }

    @Override
    Truth test(Evaluation e) {
      Truth result = Truth.FALSE;
      for (Node test : tests) {
        result = result.or(test.test(e));
        if (result == Truth.TRUE) {
          return result;
        }
      }
      return result;
    }
  }
}
