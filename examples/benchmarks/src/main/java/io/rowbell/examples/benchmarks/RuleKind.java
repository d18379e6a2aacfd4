package io.rowbell.examples.benchmarks;

import java.util.Locale;

/** Many rules on one table of which one can fire, told apart in one way or another. */
enum RuleKind {
  /** By the constant that a column is compared with. */
  CONSTANT("level == %d", 0),
  /** By a bound that it has to pass. */
  BOUND("level < %d", 1),
  /** In a way that can't be looked up: each is asked. */
  ASKED("level * 2 == %d", 0);

  private final String condition;
  private final int firing;

  /**
   * @param firing the number with which the condition holds for 1 % of the updates; with none below
   *     0 it ever does
   */
  RuleKind(String condition, int firing) {
    this.condition = condition;
    this.firing = firing;
  }

  String name(int count) {
    return String.format(Locale.ROOT, "%,d × %s", count, condition.replace("%d", "n"));
  }

  /** {@code rowbell run} with so many rules, the first of which fires. */
  RowbellReader reader(int count) {
    return RowbellReader.with(
        name(count),
        triggers(
            count,
            """
              on: update accounts
              data: {id, owner, balance, level, previous: before.level}
              to: "bench.accounts"
            """));
  }

  /**
   * So many rules that differ in their condition on the column {@code level}.
   *
   * @param rest what they have in common: keys of a rule
   * @return the items of {@code triggers}
   */
  String triggers(int count, String rest) {
    StringBuilder triggers = new StringBuilder();
    for (int n = 0; n < count; n++) {
      triggers
          .append("  - event: Level")
          .append(n)
          .append("\n    when: ")
          .append(condition.formatted(n == 0 ? firing : -n))
          .append('\n')
          .append(rest.indent(2));
    }
    return triggers.toString();
  }
}
