package io.rowbell.engine.config;

import io.rowbell.language.issue.Issue;
import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used. Its message is for people and complete. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Issue> issues;

  /**
   * @param issues everything that is wrong, at least one
   */
  public ConfigException(List<Issue> issues) {
    super(issues.stream().map(Issue::render).collect(Collectors.joining("\n")));
    this.issues = List.copyOf(issues);
  }

  /**
   * A problem without a place in a file.
   *
   * @param message what, where, why, what next
   */
  public ConfigException(String message) {
    super(message);
    this.issues = List.of();
  }

  /** Everything that is wrong; empty if it has no place in a file. */
  public List<Issue> issues() {
    return issues;
  }
}
