package io.rowbell.spi;

import java.util.List;
import java.util.Objects;

/**
 * The least that a database can be asked to send without a rule missing anything, and how that
 * compares with what it sends.
 *
 * @param name the publication's
 * @param findings what keeps the rules from being followed with the publication as it is, errors
 *     first; empty if it sends all that they need
 * @param decisions what is left out, and what is not, each with its reason
 * @param statements what makes the publication as planned, to be carried out in one transaction;
 *     empty if it is so already or cannot be made so
 */
public record PublicationPlan(
    String name, List<Finding> findings, List<Decision> decisions, List<String> statements) {
  public PublicationPlan {
    Objects.requireNonNull(name, "name");
    findings = List.copyOf(findings);
    decisions = List.copyOf(decisions);
    statements = List.copyOf(statements);
  }

  /**
   * One thing that could be left out.
   *
   * @param subject a table, or the publication
   * @param part what of it
   * @param pushed whether it is left out
   * @param text what is left out, or why it is not
   */
  public record Decision(String subject, Part part, boolean pushed, String text) {}

  /** What can be left out. */
  public enum Part {
    TABLES("tables"),
    OPERATIONS("operations"),
    COLUMNS("column list"),
    ROWS("row filter");

    private final String words;

    Part(String words) {
      this.words = words;
    }

    /** What it is called, for example {@code row filter}. */
    public String words() {
      return words;
    }
  }

  /** Whether a rule would miss something with the publication as it is. */
  public boolean isNarrower() {
    return findings.stream().anyMatch(found -> found.severity() == Finding.Severity.ERROR);
  }
}
