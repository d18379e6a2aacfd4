package io.rowbell.language;

import io.rowbell.language.expression.Expression;
import io.rowbell.language.expression.ExpressionCompiler;
import io.rowbell.language.expression.Truth;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import java.util.ArrayList;
import java.util.List;

/**
 * Which parts of the rules' conditions have decided anything: a part is an operand of {@code &&} at
 * the top of {@code when}, {@code while} or {@code until}, or all of it. Filled while rules that
 * were compiled with it run; for one thread.
 */
public final class ConditionCoverage {
  private final List<Part> parts = new ArrayList<>();

  /** A part of a condition. */
  public static final class Part {
    private final String rule;
    private final Text text;
    private boolean held;

    private Part(String rule, Text text) {
      this.rule = rule;
      this.text = text;
    }

    /** The rule's name. */
    public String rule() {
      return rule;
    }

    /** What was written. */
    public Text text() {
      return text;
    }

    private void saw(Truth truth) {
      held |= truth != Truth.TRUE;
    }
  }

  /** The parts that have never kept their rule from firing, in the order of the files. */
  public List<Part> neverFalse() {
    return parts.stream().filter(part -> !part.held).toList();
  }

  /** A condition that notes here what its parts come to. */
  Expression watched(String rule, Text text, Expression condition, ExpressionCompiler compiler) {
    List<Text> texts = Conjuncts.of(text);
    List<Expression> operands = new ArrayList<>();
    List<Part> added = new ArrayList<>();
    for (Text operand : texts) {
      // What is wrong with the condition was noted when it was compiled as a whole.
      Expression compiled = compiler.condition(operand, new Problems());
      if (compiled == null) {
        return condition;
      }
      Part part = new Part(rule, operand);
      added.add(part);
      operands.add(compiled.observed(part::saw));
    }
    parts.addAll(added);
    return condition.asConjunctionOf(operands);
  }
}
