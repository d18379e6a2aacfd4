package io.rowbell.language.expression;

import io.rowbell.language.issue.Location;
import io.rowbell.model.Row;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Text with {@code {expr}} holes, compiled; a brace that is meant as such is written twice.
 * Immutable, thread-safe.
 */
public final class Template {
  private final List<Object> parts;

  /**
   * @param parts texts and Expressions
   */
  Template(List<Object> parts) {
    this.parts = List.copyOf(parts);
  }

  /** The expressions in its holes. */
  public List<Expression> holes() {
    return parts.stream().filter(Expression.class::isInstance).map(Expression.class::cast).toList();
  }

  /** Whether it is the same text for every change. */
  public boolean constant() {
    return parts.stream()
        .allMatch(part -> part instanceof String || ((Expression) part).constant());
  }

  /** Its texts, Strings, and its holes, Expressions, in their order. */
  public List<Object> parts() {
    return parts;
  }

  /** The names of all columns its holes read. */
  public Set<String> columns() {
    Set<String> names = new TreeSet<>();
    parts.forEach(
        part -> {
          if (part instanceof Expression hole) {
            names.addAll(hole.columns());
          }
        });
    return names;
  }

  /** The names of the columns its holes read of the row before an update or delete. */
  public Set<String> oldColumns() {
    Set<String> names = new TreeSet<>();
    parts.forEach(
        part -> {
          if (part instanceof Expression hole) {
            names.addAll(hole.oldColumns());
          }
        });
    return names;
  }

  /** The names of the columns its holes read of the row when the rule fired last. */
  public Set<String> lastColumns() {
    Set<String> names = new TreeSet<>();
    parts.forEach(
        part -> {
          if (part instanceof Expression hole) {
            names.addAll(hole.lastColumns());
          }
        });
    return names;
  }

  /** The private columns that its holes tell of, and where each is read. */
  public Map<String, Location> exposed() {
    Map<String, Location> exposed = new TreeMap<>();
    parts.forEach(
        part -> {
          if (part instanceof Expression hole) {
            hole.exposed().forEach(exposed::putIfAbsent);
          }
        });
    return exposed;
  }

  /**
   * The text for a change.
   *
   * @throws EvaluationException with X409 if a hole is null, unknown or not logged; or as {@link
   *     Expression#evaluate} throws
   */
  public String render(Evaluation evaluation) {
    StringBuilder text = new StringBuilder();
    for (Object part : parts) {
      if (part instanceof Expression hole) {
        Object value = hole.evaluate(evaluation);
        if (value == null || value == Row.NOT_LOGGED) {
          throw new EvaluationException(
              "X409",
              "the hole {" + hole + "} has no value: it is " + (value == null ? "null" : value));
        }
        text.append(CanonicalText.of(value));
      } else {
        text.append(part);
      }
    }
    return text.toString();
  }
}
