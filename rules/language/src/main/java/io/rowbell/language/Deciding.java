package io.rowbell.language;

import io.rowbell.language.expression.Explained;
import java.util.List;
import java.util.stream.Collectors;

/** Which parts of a condition decided what it came to. */
final class Deciding {
  private Deciding() {}

  /** As a sentence: each deciding part as it is written, and what it came to. */
  static String of(Explained condition) {
    List<Explained> deciding = parts(condition);
    return deciding.stream()
        .map(part -> part.text() + " is " + part.result().text())
        .collect(Collectors.joining(", "));
  }

  private static List<Explained> parts(Explained condition) {
    boolean and = condition.operator().equals("and");
    if (!and || condition.result().isTrue()) {
      return List.of(condition);
    }
    // One false operand makes the whole false; without one, what is unknown makes it unknown.
    boolean isFalse = condition.result().isFalse();
    return condition.parts().stream()
        .filter(part -> isFalse ? part.result().isFalse() : !part.result().isTrue())
        .flatMap(part -> parts(part).stream())
        .toList();
  }
}
