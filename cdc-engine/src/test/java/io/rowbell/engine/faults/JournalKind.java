package io.rowbell.engine.faults;

import java.util.Locale;

/** Which journal a case runs with. */
enum JournalKind {
  SQLITE,
  KAFKA;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
