package io.rowbell.model;

import java.util.Locale;

/** What happened, as a rule's {@code on} names it. */
public enum Operation {
  INSERT,
  UPDATE,
  DELETE,
  TRUNCATE,
  /** A row read by a snapshot. */
  SNAPSHOT,
  /** A message an application wrote with {@code pg_logical_emit_message}. */
  MESSAGE;

  /** The word a rule file uses: the lower-case name. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
