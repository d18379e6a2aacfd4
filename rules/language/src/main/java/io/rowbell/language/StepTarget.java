package io.rowbell.language;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import io.rowbell.model.Catalog;
import io.rowbell.model.Operation;
import io.rowbell.model.TableSchema;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a step of a test changes, written as a rule's {@code on} is: {@code insert orders}, {@code
 * message reports}.
 *
 * @param operation what it does
 * @param table of which table; null for a message
 * @param prefix of a message; null for a table
 */
public record StepTarget(
    Operation operation, @Nullable TableSchema table, @Nullable String prefix) {

  /**
   * @return empty if the text is none, or names a table that there is not: an issue is noted
   */
  public static Optional<StepTarget> read(Text text, Catalog catalog, Problems problems) {
    OnClause on = OnParser.parse(text, problems);
    if (on instanceof OnClause.Messages messages) {
      return Optional.of(new StepTarget(Operation.MESSAGE, null, messages.prefix()));
    }
    if (!(on instanceof OnClause.Table named)) {
      return Optional.empty();
    }
    if (named.operations().size() > 1 || !named.columns().isEmpty()) {
      problems.error(
          Codes.NO_STEP,
          text.at(0),
          "a step is one operation on one table",
          "write for example 'insert orders: {id: 1}'");
      return Optional.empty();
    }
    TableSchema table = OnBinder.find(named, catalog, problems);
    return table == null
        ? Optional.empty()
        : Optional.of(new StepTarget(named.operations().iterator().next(), table, null));
  }
}
