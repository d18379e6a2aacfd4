package io.rowbell.engine.cli;

import io.rowbell.engine.Impact;
import io.rowbell.engine.cli.Terminal.Colour;
import io.rowbell.engine.migration.Migration.Note;
import io.rowbell.language.contract.JsonTree;
import io.rowbell.language.issue.Issue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code impact} prints. */
final class ImpactReport {
  private final Terminal terminal;
  private final String file;
  private final Impact impact;

  ImpactReport(Terminal terminal, String file, Impact impact) {
    this.terminal = terminal;
    this.file = file;
    this.impact = impact;
  }

  /** For people: what breaks, and the verdict at the end. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (Note note : impact.migration().notes()) {
      String line = file + ":" + note.line() + ": " + note.what();
      text.append(note.understood() ? "note: " + line : terminal.paint(Colour.ERROR, line))
          .append('\n');
    }
    impact.issues().forEach(issue -> text.append(issue.render()).append('\n'));
    DifferenceReport differences = new DifferenceReport(terminal);
    impact.differences().forEach(difference -> differences.append(text, difference));
    for (String rule : impact.restarted()) {
      text.append(
              terminal.paint(
                  Colour.WARNING,
                  "rule " + rule + " would forget what it remembers and begin afresh"))
          .append('\n');
    }
    for (Impact.Identity identity : impact.identities()) {
      text.append(
              identity.breaks()
                  ? terminal.paint(Colour.ERROR, identity.what())
                  : "note: " + identity.what())
          .append('\n');
    }
    return text.append(
            impact.breaks()
                ? terminal.paint(Colour.ERROR, "this migration breaks something, or may")
                : terminal.paint(Colour.GOOD, "this migration breaks no rule and no consumer"))
        .append('\n')
        .toString();
  }

  /** For programs: one object. */
  String json() {
    Map<String, @Nullable Object> report = new LinkedHashMap<>();
    report.put("breaks", impact.breaks());
    List<Object> notes = new ArrayList<>();
    for (Note note : impact.migration().notes()) {
      notes.add(
          Map.of("line", note.line(), "understood", note.understood(), "message", note.what()));
    }
    report.put("notes", notes);
    List<Object> issues = new ArrayList<>();
    for (Issue issue : impact.issues()) {
      Map<String, @Nullable Object> tree = new LinkedHashMap<>();
      tree.put("severity", issue.severity().name().toLowerCase(java.util.Locale.ROOT));
      tree.put("code", issue.code());
      tree.put("message", issue.message());
      tree.put("file", issue.location().file());
      tree.put("line", issue.location().line());
      tree.put("column", issue.location().column());
      tree.put("help", issue.help());
      issues.add(tree);
    }
    report.put("issues", issues);
    report.put("differences", DifferenceReport.trees(impact.differences()));
    report.put("restarted", impact.restarted());
    List<Object> identities = new ArrayList<>();
    for (Impact.Identity identity : impact.identities()) {
      identities.add(Map.of("breaks", identity.breaks(), "message", identity.what()));
    }
    report.put("identities", identities);
    return JsonTree.write(report);
  }
}
