package io.rowbell.spi;

import java.util.List;
import java.util.Objects;

/**
 * Something about the database that keeps the rules from running, or will.
 *
 * @param severity whether the engine starts in spite of it
 * @param code the catalogue's code, for example {@code E201}
 * @param subject what it is about: a table, the slot, a setting
 * @param message what is wrong, in one sentence
 * @param help what to do, in one sentence
 * @param sql statements that mend it, in order; empty if none would
 * @param aboutPosition whether it is that database and journal do not fit together: going on would
 *     lose or repeat changes
 */
public record Finding(
    Severity severity,
    String code,
    String subject,
    String message,
    String help,
    List<String> sql,
    boolean aboutPosition) {
  public Finding {
    Objects.requireNonNull(severity, "severity");
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(help, "help");
    sql = List.copyOf(sql);
  }

  /** A finding that is not about the position. */
  public Finding(
      Severity severity,
      String code,
      String subject,
      String message,
      String help,
      List<String> sql) {
    this(severity, code, subject, message, help, sql, false);
  }

  /** Whether the engine starts in spite of a finding. */
  public enum Severity {
    /** It refuses to start: it would lose or misread changes. */
    ERROR,
    /** It starts. */
    WARNING
  }
}
