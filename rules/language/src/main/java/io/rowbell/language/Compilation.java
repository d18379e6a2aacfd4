package io.rowbell.language;

import io.rowbell.language.issue.Issue;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What became of rule files.
 *
 * @param rules the rules; empty if there is an error among the issues
 * @param issues every issue of every file, in the order of files and lines; with rules, warnings
 */
public record Compilation(Optional<RuleSet> rules, List<Issue> issues) {
  public Compilation {
    Objects.requireNonNull(rules, "rules");
    issues = List.copyOf(issues);
  }

  /** Every issue as a message shows it, with its line and its caret. */
  public String render() {
    return issues.stream().map(Issue::render).collect(Collectors.joining("\n"));
  }

  /**
   * The rules.
   *
   * @throws IllegalStateException if there are none; the message renders the issues
   */
  public RuleSet orThrow() {
    return rules.orElseThrow(() -> new IllegalStateException(render()));
  }
}
