package io.rowbell.language.expression;

import dev.cel.common.ast.CelExpr;
import io.rowbell.language.expression.Explained.Reading;
import io.rowbell.language.expression.Explained.Source;
import io.rowbell.language.expression.RowNodes.ColumnNode;
import io.rowbell.language.expression.RowNodes.Image;
import io.rowbell.model.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells what each part of a condition came to. Every part is evaluated anew by its own node, those
 * too that the evaluation of the whole did not reach.
 *
 * @param root the condition
 * @param privates the names of the columns whose values are not shown
 */
record Explainer(Part root, Set<String> privates) {
  private static final Set<String> RELATIONS = Set.of("_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_");

  Explained explain(Evaluation e) {
    return condition("", root, e);
  }

  private Explained condition(String label, Part part, Evaluation e) {
    List<Explained> parts = parts(part, e);
    ShownValue result = ShownValue.truth(part, e, privates);
    return new Explained(
        label,
        part.text(),
        parts.isEmpty() ? "" : word(part.operator()),
        result,
        result.state() == ShownValue.State.FAILED
            ? String.valueOf(result.value())
            : detail(part, e),
        parts,
        parts.isEmpty() ? readings(part, e) : List.of());
  }

  private static String word(String operator) {
    return switch (operator) {
      case "_&&_" -> "and";
      case "_||_" -> "or";
      case "!_" -> "not";
      case "_?_:_" -> "choice";
      default -> operator;
    };
  }

  private List<Explained> parts(Part part, Evaluation e) {
    String operator = part.operator();
    return switch (operator) {
      case "_&&_", "_||_" ->
          part.chain(operator).stream().map(operand -> condition("", operand, e)).toList();
      case "!_", "_?_:_" ->
          part.parts().stream()
              .filter(operand -> operand.node().type().is(Type.Kind.BOOLEAN))
              .map(operand -> condition("", operand, e))
              .toList();
      case "becomes" -> images(part.parts().get(0), e);
      default -> part.let() == null ? List.of() : List.of(condition("let", part.let(), e));
    };
  }

  /** A condition that is asked of the row after the change and of the one before. */
  private List<Explained> images(Part part, Evaluation e) {
    List<Explained> images = new ArrayList<>();
    if (e.after != null) {
      images.add(image("after", Image.CURRENT, part, e));
    }
    if (e.before != null) {
      images.add(image("before", Image.BEFORE, part, e));
    }
    return images;
  }

  private Explained image(String label, Image image, Part part, Evaluation e) {
    Image outer = e.read(image);
    try {
      return condition(label, part, e);
    } finally {
      Image unused = e.read(outer);
    }
  }

  private @Nullable String detail(Part part, Evaluation e) {
    List<Part> parts = part.parts();
    String operator = part.operator();
    if (part.node() instanceof RowNodes.Changed changed) {
      return changes(changed, e);
    }
    if (RELATIONS.contains(operator) && parts.size() == 2) {
      String symbol = operator.substring(1, operator.length() - 1);
      return shown(parts.get(0), e) + " " + symbol + " " + shown(parts.get(1), e);
    }
    if (operator.equals("@in") && parts.size() >= 2) {
      String list =
          parts.stream().skip(1).map(each -> shown(each, e)).collect(Collectors.joining(", "));
      boolean literal = part.expr().call().args().get(1).getKind() == CelExpr.ExprKind.Kind.LIST;
      return shown(parts.get(0), e) + " in " + (literal ? "[" + list + "]" : list);
    }
    return null;
  }

  private String shown(Part part, Evaluation e) {
    return ShownValue.of(part, e, privates).text();
  }

  private String changes(RowNodes.Changed changed, Evaluation e) {
    Row before = e.before;
    Row after = e.after;
    if (before == null || after == null) {
      return before == null ? "there is no row before" : "there is no row after";
    }
    List<String> shown = new ArrayList<>();
    for (int column : changed.columns()) {
      String name = after.schema().column(column).name();
      boolean hidden = privates.contains(name);
      ShownValue then = hidden ? ShownValue.HIDDEN : ShownValue.of(before, column);
      ShownValue now = hidden ? ShownValue.HIDDEN : ShownValue.of(after, column);
      shown.add(name + ": " + then.text() + " → " + now.text());
    }
    return String.join(", ", shown);
  }

  private List<Reading> readings(Part part, Evaluation e) {
    return part.leaves().stream()
        .map(leaf -> new Reading(leaf.text(), ShownValue.of(leaf, e, privates), source(leaf)))
        .toList();
  }

  private static Source source(Part leaf) {
    if (leaf.let() != null) {
      return Source.LET;
    }
    if (leaf.node() instanceof Node.Constant) {
      return Source.CONSTANT;
    }
    if (leaf.node() instanceof Names.Fact) {
      return Source.FACT;
    }
    if (leaf.node() instanceof Window.Reading) {
      return Source.WINDOW;
    }
    return leaf.node() instanceof ColumnNode column && column.image == Image.LAST
        ? Source.LAST
        : Source.COLUMN;
  }
}
