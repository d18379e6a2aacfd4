package io.rowbell.language.expression;

import dev.cel.common.ast.CelExpr;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Notes the parts of an expression while it is checked, from the leaves up. */
final class PartRecorder {
  private final Syntax syntax;
  private List<Part> siblings = new ArrayList<>();

  PartRecorder(Syntax syntax) {
    this.syntax = syntax;
  }

  /**
   * A part is about to be checked.
   *
   * @return what {@link #leave} wants
   */
  List<Part> enter() {
    List<Part> outer = siblings;
    siblings = new ArrayList<>();
    return outer;
  }

  /**
   * A part was checked.
   *
   * @param node null after a problem
   * @param let what stands behind a {@code let} name
   */
  void leave(List<Part> outer, CelExpr expr, @Nullable Node node, @Nullable Part let) {
    if (node != null) {
      outer.add(new Part(syntax, expr, node, siblings, let));
    }
    siblings = outer;
  }

  /** The whole expression; null after a problem. */
  @Nullable Part whole() {
    return siblings.isEmpty() ? null : siblings.get(0);
  }
}
