package io.rowbell.language.expression;

import dev.cel.common.ast.CelExpr;
import io.rowbell.language.expression.RowNodes.ColumnNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A part of an expression as it is written, beside the node that it was made into. Evaluation knows
 * nothing of parts: they are kept to explain what it came to.
 *
 * @param syntax the text it stands in
 * @param expr the part of CEL's tree
 * @param node what evaluates it
 * @param parts what it is made of, as far as each was checked by itself
 * @param let the expression behind it, if it is a {@code let} name
 */
record Part(Syntax syntax, CelExpr expr, Node node, List<Part> parts, @Nullable Part let) {
  /** What hides the values it is given. */
  private static final Set<String> HIDING = Set.of("mask", "hash");

  /** What evaluates its second part for each element of a list. */
  private static final Set<String> LOOPS = Set.of("all", "exists", "exists_one", "filter", "map");

  Part {
    parts = List.copyOf(parts);
  }

  /** As it is written, on one line. */
  String text() {
    return new Slices(syntax).of(expr);
  }

  /** The name of CEL's operator or function; empty if it is none. */
  String operator() {
    return expr.getKind() == CelExpr.ExprKind.Kind.CALL ? expr.call().function() : "";
  }

  /** The operands of a chain of one operator, which CEL's tree holds in pairs. */
  List<Part> chain(String operator) {
    if (!operator().equals(operator)) {
      return List.of(this);
    }
    return parts.stream().flatMap(part -> part.chain(operator).stream()).toList();
  }

  /** Whether its value tells of one of the columns, or of a private one of a child row. */
  boolean tells(Set<String> columns) {
    if (HIDING.contains(operator())) {
      return false;
    }
    if (node instanceof ColumnNode column && columns.contains(column.column.name())) {
      return true;
    }
    return (node instanceof ChildNodes.ColumnOf child && child.isPrivate())
        || (node instanceof RowNodes.Whole && !columns.isEmpty())
        || (let != null && let.tells(columns))
        || parts.stream().anyMatch(part -> part.tells(columns));
  }

  /** Whether it has a value only while a list is gone through. */
  private boolean ofElement() {
    return node instanceof Names.Element || parts.stream().anyMatch(Part::ofElement);
  }

  /** The values it reads, each once: columns, members of JSON, constants, {@code let} names. */
  List<Part> leaves() {
    List<Part> leaves = new ArrayList<>();
    collect(leaves);
    return leaves;
  }

  private void collect(List<Part> leaves) {
    if (isLeaf()) {
      if (!ofElement() && leaves.stream().noneMatch(known -> known.text().equals(text()))) {
        leaves.add(this);
      }
    } else {
      parts.forEach(part -> part.collect(leaves));
    }
    if (let != null) {
      let.collect(leaves);
    }
  }

  private boolean isLeaf() {
    return let != null
        || node instanceof ColumnNode
        || node instanceof Names.Fact
        || node instanceof Window.Reading
        || node instanceof RowNodes.Whole
        || (node instanceof JsonPath && !LOOPS.contains(operator()) && !ofElement())
        || (node instanceof Node.Constant && expr.getKind() == CelExpr.ExprKind.Kind.SELECT);
  }
}
