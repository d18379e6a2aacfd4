package io.rowbell.language.issue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects every issue of a run, so that all are shown at once. For one thread. */
public final class Problems {
  private final List<Issue> issues = new ArrayList<>();

  /** Notes something that keeps the file from being used. */
  public void error(String code, Location location, String message, @Nullable String help) {
    issues.add(new Issue(Issue.Severity.ERROR, code, message, location, help));
  }

  /** Notes something that is likely not meant. */
  public void warning(String code, Location location, String message, @Nullable String help) {
    issues.add(new Issue(Issue.Severity.WARNING, code, message, location, help));
  }

  /** Notes an issue that was found elsewhere. */
  public void add(Issue issue) {
    issues.add(issue);
  }

  /** Whether any error was noted. */
  public boolean hasErrors() {
    return issues.stream().anyMatch(issue -> issue.severity() == Issue.Severity.ERROR);
  }

  /** All issues in the order of the files' lines, each once. */
  public List<Issue> issues() {
    return issues.stream()
        .distinct()
        .sorted(
            Comparator.comparing((Issue issue) -> issue.location().file())
                .thenComparing(issue -> issue.location().line())
                .thenComparing(issue -> issue.location().column()))
        .toList();
  }
}
