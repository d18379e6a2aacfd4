package io.rowbell.language;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What becomes of a change that a rule cannot evaluate. */
public enum OnError {
  /** A dead letter, and the stream goes on. */
  DLQ,
  /** Counted, and the stream goes on. */
  SKIP,
  /** The engine stops before the change. */
  HALT;

  /** The word a rule file uses. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static List<String> words() {
    return Arrays.stream(values()).map(OnError::word).toList();
  }
}
