package io.rowbell.language;

import static io.rowbell.language.OrderTables.LINES;
import static io.rowbell.language.OrderTables.rules;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.rowbell.language.OrderTables.Log;
import io.rowbell.language.OrderTables.Run;
import io.rowbell.language.expression.Child;
import io.rowbell.language.memory.Memory;
import io.rowbell.language.memory.OpenTransaction;
import io.rowbell.model.Change;
import io.rowbell.model.Row;
import io.rowbell.model.UnreadableValueException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Child rows find their parents in one look, and what is lost of them takes no room. */
class FamiliesTest {
  private static final String PLACED =
      """
      rules: v1
      triggers:
        - event: Placed
          on: insert orders
          with: {lines: lines by order_id}
          data: {id, n: size(lines), of: "lines.map(l, l.note)"}
      """;

  private static CommitFacts facts(RuleSet rules, Log log) {
    OpenTransaction transaction = new Memory().transaction();
    transaction.begin(log.changes().get(0).origin().xid(), rules.childTables());
    for (Change change : log.changes()) {
      rules.keepChild((Change.TableChange) change, transaction);
    }
    CommitFacts facts = new CommitFacts(transaction);
    facts.of(Objects.requireNonNull(rules.rule("Placed")));
    return facts;
  }

  private static Child lines(RuleSet rules) {
    return Objects.requireNonNull(rules.rule("Placed")).keeping().children().get(0);
  }

  @Test
  void rowsAreReadOnceHoweverOftenTheyAreAskedFor() {
    RuleSet rules = rules(PLACED);
    CommitFacts facts = facts(rules, new Log().line(1, 7L, "A", 1).line(2, 8L, "B", 1));

    Row first = facts.children(lines(rules), 7L).get(0);
    assertThat(first.get(1)).isEqualTo(7L);
    assertThat(facts.children(lines(rules), 7L).get(0)).isSameAs(first);
    assertThat(facts.children(lines(rules), 8L)).doesNotContain(first).hasSize(1);
    assertThat(facts.children(lines(rules), 9L)).isEmpty();
  }

  @Test
  void whyTheyAreNotKnownIsFoundOutOnce() {
    RuleSet rules = rules(PLACED);
    for (Object parent :
        new Object[] {Row.NOT_LOGGED, new UnreadableValueException("column order_id: infinity")}) {
      Log log = new Log().line(1, 7L, "A", 1);
      Row row = Shop.row(LINES, 2L, parent, "B", 1L, "note");
      CommitFacts facts = facts(rules, log.add(new Change.Inserted(Shop.origin(), row)));

      Throwable failure = catchThrowable(() -> facts.children(lines(rules), 7L));
      assertThat(failure).isNotNull();
      assertThat(catchThrowable(() -> facts.children(lines(rules), 8L))).isSameAs(failure);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 17, 18, 19})
  void rowsThatWereTooManyGiveTheirRoomToOthers(int place) {
    String file =
        PLACED + "  - {event: Counted, on: insert orders, data: {id, total, n: tx.changes}}\n";
    Log log = new Log();
    for (int i = 0; i < 17; i++) {
      log.line(i, 7L, "A", 1, "x".repeat(1 << 20));
    }
    // These would find no room beside the rows.
    for (int i = 0; i < 5_000; i++) {
      log.order(i, "1");
    }
    Run run = new Run(rules(file));
    int size = log.changes().size();
    run.batch(log.changes().subList(0, place), /* open= */ true).restart(rules(file));
    run.batch(log.changes().subList(place, size), /* open= */ false);

    assertThat(run.told()).hasSize(5_000).endsWith("Counted {\"id\":4999,\"total\":1,\"n\":5017}");
    assertThat(run.problems()).hasSize(5_000).contains("Placed 7 X403");
    assertThat(run.journal).isEmpty();
  }
}
