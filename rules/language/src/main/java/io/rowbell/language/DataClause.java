package io.rowbell.language;

import io.rowbell.language.issue.Text;
import java.util.List;

/** What a rule puts into its events. */
sealed interface DataClause {
  /** A JSON object of named values. */
  record Fields(List<NamedText> fields) implements DataClause {
    public Fields {
      fields = List.copyOf(fields);
    }
  }

  /** One value. */
  record Whole(Text text) implements DataClause {}

  /**
   * Every column of the row.
   *
   * @param text the word {@code row}
   */
  record EntireRow(Text text) implements DataClause {}
}
