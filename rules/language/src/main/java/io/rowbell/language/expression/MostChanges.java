package io.rowbell.language.expression;

/** How many changes of a transaction a condition allows: of {@code tx.changes < 100} it is 99. */
final class MostChanges {
  private static final long ANY = Long.MAX_VALUE;

  private MostChanges() {}

  /**
   * @return of a transaction of more changes the condition is certainly false; {@link
   *     Long#MAX_VALUE} for none
   */
  static long of(Node condition) {
    return before(condition, false);
  }

  /** The number of changes beyond which a condition certainly comes to a truth. */
  private static long before(Node node, boolean truth) {
    if (node instanceof Logic.And and) {
      return joined(and.left, and.right, /* every= */ truth, truth);
    } else if (node instanceof Logic.Or or) {
      return joined(or.left, or.right, /* every= */ !truth, truth);
    } else if (node instanceof Logic.Not not) {
      return before(not.operand, !truth);
    } else if (node instanceof ExpressionCompiler.LetNode let) {
      return before(let.body, truth);
    } else if (node instanceof Comparison comparison) {
      return comparison(comparison, truth);
    }
    return ANY;
  }

  private static long joined(Node left, Node right, boolean every, boolean truth) {
    long first = before(left, truth);
    long second = before(right, truth);
    return every ? Math.max(first, second) : Math.min(first, second);
  }

  private static long comparison(Comparison node, boolean truth) {
    if (node.left instanceof Names.TransactionChanges) {
      return comparison(node.relation, node.right, truth);
    }
    return node.right instanceof Names.TransactionChanges
        ? comparison(node.relation.flipped(), node.left, truth)
        : ANY;
  }

  private static long comparison(Relation relation, Node constant, boolean truth) {
    if (relation.holds(1) != truth
        || !(constant instanceof Node.Constant known && known.value() instanceof Long number)) {
      return ANY;
    }
    boolean alsoOfItself = relation.holds(0) == truth && number > 0;
    return alsoOfItself ? number - 1 : number;
  }
}
