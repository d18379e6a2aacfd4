package io.rowbell.engine.cli;

import io.rowbell.engine.cli.Terminal.Colour;
import io.rowbell.language.testing.TestFailure;
import io.rowbell.language.testing.TestReport;
import io.rowbell.language.testing.TestResult;

/** What {@code test} prints for people: the verdict where the eye is, at the end. */
final class TestReportText {
  private final Terminal terminal;
  private final StringBuilder text = new StringBuilder();

  TestReportText(Terminal terminal) {
    this.terminal = terminal;
  }

  String write(TestReport report, String schema) {
    text.append("Tables: ").append(schema).append('\n');
    if (!report.results().isEmpty()) {
      text.append('\n');
    }
    report.results().forEach(this::result);
    if (!report.neverFired().isEmpty()) {
      text.append("\nNo test makes these rules fire:\n");
      report.neverFired().forEach(rule -> text.append("  ").append(rule).append('\n'));
    }
    if (!report.neverFalse().isEmpty()) {
      text.append("\nNo test shows that these conditions matter: they were never false\n");
      for (TestReport.Condition condition : report.neverFalse()) {
        text.append("  ")
            .append(condition.at())
            .append("  ")
            .append(condition.rule())
            .append(": ")
            .append(condition.text().strip().replaceAll("\\s+", " "))
            .append('\n');
      }
    }
    verdict(report);
    return text.toString();
  }

  private void result(TestResult result) {
    TestFailure failure = result.failure();
    if (failure == null) {
      text.append(terminal.paint(Colour.GOOD, "passed")).append("  ").append(result.name());
      text.append('\n');
      return;
    }
    text.append(terminal.paint(Colour.ERROR, "FAILED")).append("  ").append(result.name());
    text.append('\n');
    text.append("        ").append(failure.at()).append('\n');
    failure.message().lines().forEach(line -> text.append("        ").append(line).append('\n'));
  }

  private void verdict(TestReport report) {
    long failed = report.results().stream().filter(result -> !result.passed()).count();
    int all = report.results().size();
    String counted =
        all == 0
            ? "there are no tests"
            : failed == 0
                ? all + (all == 1 ? " test passed" : " tests passed")
                : failed + " of " + all + (all == 1 ? " test failed" : " tests failed");
    text.append('\n')
        .append(terminal.paint(failed == 0 ? Colour.GOOD : Colour.ERROR, counted))
        .append('\n');
  }
}
