package io.rowbell.language;

import io.rowbell.language.Explanation.Condition;
import io.rowbell.language.Explanation.Last;
import io.rowbell.language.Explanation.Reason;
import io.rowbell.language.expression.CanonicalText;
import io.rowbell.language.expression.Explained;
import io.rowbell.language.expression.Explained.Reading;
import io.rowbell.language.expression.Explained.Source;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An explanation as lines: conditions, truths and compared values stand below each other. */
final class ExplanationText {
  private static final String INDENT = "  ";
  private static final int WIDEST = 60;
  private static final int TRUTH = 7;

  private final Explanation explanation;
  private final List<Line> lines = new ArrayList<>();

  /**
   * @param truth null for a line that is not aligned with others
   */
  private record Line(String text, @Nullable String truth, String detail) {
    static Line plain(String text) {
      return new Line(text, null, "");
    }
  }

  private ExplanationText(Explanation explanation) {
    this.explanation = explanation;
  }

  static String of(Explanation explanation) {
    ExplanationText text = new ExplanationText(explanation);
    text.write();
    return text.aligned();
  }

  private void write() {
    lines.add(
        Line.plain(
            explanation.rule()
                + ": "
                + explanation.verdict().word()
                + " for "
                + explanation.change().row()
                + " at "
                + at()));
    if (explanation.reason() != Reason.CONDITION) {
      lines.add(Line.plain(INDENT + explanation.because()));
    }
    boolean several = explanation.conditions().size() > 1;
    for (Condition condition : explanation.conditions()) {
      boolean named = several || !condition.word().equals("when");
      if (named) {
        lines.add(Line.plain(INDENT + condition.word()));
      }
      String indent = named ? INDENT + INDENT : INDENT;
      if (condition.explained().operator().equals("and")) {
        condition.explained().parts().forEach(part -> condition(part, indent));
      } else {
        condition(condition.explained(), indent);
      }
    }
    String what = explanation.shadow() ? "event, not published (mode: shadow)," : "event";
    explanation.made().forEach(event -> event(what, event));
  }

  private String at() {
    Position position = explanation.change().position();
    return position == null || explanation.reason() == Reason.TIME
        ? CanonicalText.of(explanation.change().time())
        : position.toString();
  }

  private void condition(Explained condition, String indent) {
    String label = condition.label().isEmpty() ? "" : condition.label() + ": ";
    String detail = condition.detail();
    lines.add(
        new Line(
            indent + label + condition.text(),
            condition.result().text(),
            detail == null ? "" : detail));
    condition.parts().forEach(part -> condition(part, indent + INDENT));
    if (!condition.readings().isEmpty()) {
      lines.add(
          Line.plain(
              indent
                  + INDENT
                  + condition.readings().stream()
                      .map(this::reading)
                      .collect(Collectors.joining("   "))));
    }
  }

  private String reading(Reading reading) {
    String text = reading.name() + " = " + reading.value().text();
    Last last = explanation.last();
    if (reading.source() != Source.LAST || last == null) {
      return text;
    }
    String since = last.fired() ? " (fired " : " (first seen ";
    return text + since + CanonicalText.of(last.at()) + ")";
  }

  private void event(String what, DomainEvent event) {
    lines.add(
        Line.plain(
            INDENT
                + what
                + " "
                + event.type()
                + "   topic "
                + event.topic()
                + "   key "
                + event.key()
                + "   id "
                + event.id()));
    lines.add(Line.plain(INDENT + INDENT + event.data()));
  }

  private String aligned() {
    int width =
        lines.stream()
            .filter(line -> line.truth() != null)
            .mapToInt(line -> line.text().length())
            .filter(length -> length <= WIDEST)
            .max()
            .orElse(0);
    StringBuilder text = new StringBuilder();
    for (Line line : lines) {
      String aligned =
          line.truth() == null
              ? line.text()
              : pad(line.text(), width) + "   " + pad(line.truth(), TRUTH) + " " + line.detail();
      text.append(aligned.stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }
}
