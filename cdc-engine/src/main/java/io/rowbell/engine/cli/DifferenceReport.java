package io.rowbell.engine.cli;

import io.rowbell.engine.cli.Terminal.Colour;
import io.rowbell.language.contract.ContractDiff.Difference;
import io.rowbell.language.contract.JsonTree;
import io.rowbell.language.issue.Codes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows what changes for consumers. */
final class DifferenceReport {
  private final Terminal terminal;

  DifferenceReport(Terminal terminal) {
    this.terminal = terminal;
  }

  /** For people: each difference, and the verdict at the end. */
  String text(List<Difference> differences) {
    StringBuilder text = new StringBuilder();
    differences.forEach(difference -> append(text, difference));
    long breaking = differences.stream().filter(Difference::breaking).count();
    String verdict =
        differences.isEmpty()
            ? "the contracts are the same for consumers"
            : breaking == 0
                ? "nothing breaks consumers"
                : breaking + (breaking == 1 ? " change breaks" : " changes break") + " consumers";
    return text.append(terminal.paint(breaking == 0 ? Colour.GOOD : Colour.ERROR, verdict))
        .append('\n')
        .toString();
  }

  void append(StringBuilder text, Difference difference) {
    if (difference.breaking()) {
      text.append(
              terminal.paint(
                  Colour.ERROR, "error " + Codes.BREAKING + ": " + difference.sentence()))
          .append('\n');
      if (difference.help() != null) {
        text.append("  = help: ").append(difference.help()).append('\n');
      }
    } else {
      text.append("note: ").append(difference.sentence()).append('\n');
    }
  }

  /** For programs: one object. */
  static String json(List<Difference> differences) {
    Map<String, @Nullable Object> report = new LinkedHashMap<>();
    report.put("breaks", differences.stream().anyMatch(Difference::breaking));
    report.put("differences", trees(differences));
    return JsonTree.write(report);
  }

  /** Each difference as a JSON object. */
  static List<Object> trees(List<Difference> differences) {
    List<Object> trees = new ArrayList<>();
    for (Difference difference : differences) {
      Map<String, @Nullable Object> tree = new LinkedHashMap<>();
      tree.put("breaking", difference.breaking());
      tree.put("code", difference.breaking() ? Codes.BREAKING : null);
      tree.put("event", difference.event());
      tree.put("version", (long) difference.version());
      tree.put("field", difference.field().isEmpty() ? null : difference.field());
      tree.put("message", difference.sentence());
      tree.put("help", difference.help());
      trees.add(tree);
    }
    return trees;
  }
}
