package io.rowbell.language.expression;

import io.rowbell.language.expression.Type.Kind;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A function over the last stretch of time: what a change gives to it, and how what was given is
 * put together. Immutable; what was given is kept by whoever evaluates the rule, by key, and told
 * to an {@link Evaluation} before the function's value is read.
 */
public final class Window {
  /** What is computed of the values. */
  enum Function {
    COUNT,
    SUM,
    AVG,
    MIN,
    MAX
  }

  /**
   * All that lies in a window.
   *
   * @param count how many values were given
   * @param value the values put together; null if there are none
   */
  public record Total(long count, @Nullable Object value) {}

  private final Function function;
  private final Node input;
  private final Duration span;
  private final String meaning;
  private final Comparator<Object> order;

  Window(Function function, Node input, Duration span, String meaning, Comparator<Object> order) {
    this.function = function;
    this.input = input;
    this.span = span;
    this.meaning = meaning;
    this.order = order;
  }

  /** How far back it reaches. */
  public Duration span() {
    return span;
  }

  /** What it says: while this stays the same, what was given to it keeps its meaning. */
  public String meaning() {
    return meaning;
  }

  /**
   * What the change that was begun gives to it.
   *
   * @return null for nothing: a condition that is not true, a value that is null, unknown or was
   *     not logged
   * @throws EvaluationException if there is no value
   */
  public @Nullable Object given(Evaluation evaluation) {
    if (function == Function.COUNT) {
      return input.test(evaluation) == Truth.TRUE ? true : null;
    }
    Object value = input.eval(evaluation);
    return Node.known(value) ? value : null;
  }

  /** Two values in one. */
  public Object together(Object a, Object b) {
    return switch (function) {
      case COUNT -> true;
      case SUM, AVG -> sum(a, b);
      case MIN -> order.compare(a, b) <= 0 ? a : b;
      case MAX -> order.compare(a, b) >= 0 ? a : b;
    };
  }

  /** A sum of ints that leaves their range goes on as a numeric: a negative may bring it back. */
  private Object sum(Object a, Object b) {
    if (a instanceof Long x && b instanceof Long y) {
      long sum = x + y;
      return ((x ^ sum) & (y ^ sum)) < 0 ? BigDecimal.valueOf(x).add(BigDecimal.valueOf(y)) : sum;
    }
    if (input.type().is(Kind.DOUBLE)) {
      return (Double) a + (Double) b;
    }
    return Numbers.add(NumberFunctions.toDecimal(a), NumberFunctions.toDecimal(b));
  }

  /** The type of the function's value. */
  Type type() {
    return switch (function) {
      case COUNT -> Type.INT;
      case AVG -> input.type().is(Kind.DOUBLE) ? Type.DOUBLE : Type.DECIMAL;
      case SUM, MIN, MAX -> input.type();
    };
  }

  /**
   * The function's value: nothing counts as 0 and sums up to 0, and has no average and no extreme.
   *
   * @throws EvaluationException with X401 if a sum of ints is none
   */
  @Nullable Object value(Total total) {
    Object value = total.value();
    return switch (function) {
      case COUNT -> (Long) total.count();
      case SUM -> value == null ? zero() : finished(value);
      case AVG -> value == null ? null : average(value, total.count());
      case MIN, MAX -> value;
    };
  }

  private Object zero() {
    return switch (input.type().kind()) {
      case INT -> (Object) 0L;
      case DOUBLE -> 0.0;
      default -> BigDecimal.ZERO;
    };
  }

  private Object finished(Object sum) {
    if (input.type().is(Kind.INT) && sum instanceof BigDecimal large) {
      try {
        return large.longValueExact();
      } catch (ArithmeticException e) {
        throw Numbers.overflow();
      }
    }
    return sum;
  }

  private Object average(Object sum, long count) {
    return input.type().is(Kind.DOUBLE)
        ? (Object) ((Double) sum / count)
        : Numbers.divide(NumberFunctions.toDecimal(sum), BigDecimal.valueOf(count));
  }

  /** The function where it stands in an expression. */
  static final class Reading extends Node {
    private final Window window;
    private final int index;

    /**
     * @param index the window's number within its rule
     */
    Reading(Window window, int index) {
      super(window.type());
      this.window = window;
      this.index = index;
    }

    @Override
    Shape shape(Images images) {
      boolean always = window.function == Function.COUNT || window.function == Function.SUM;
      return Shape.of(type()).orNull(!always);
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      return window.value(e.window(index));
    }
  }
}
