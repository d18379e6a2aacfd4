package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.NeededChanges;
import io.rowbell.model.NeededChanges.Case;
import io.rowbell.model.Operation;
import io.rowbell.model.Requirements;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RequirementsTest {
  @Test
  void nameEveryOperationAndColumnThatTheRulesOfATableNeed() {
    RuleSet rules =
        Shop.rules(
            """
            rules: v1
            triggers:
              - event: Captured
                on: update payments(status)
                when: before.amount > 5
                data: {order_id}
              - event: Gone
                on: delete payments
                data: {method}
              - event: All
                on: insert or snapshot stocks
                data: row
              - event: Any
                on: insert stocks
                key: symbol
                to: x.{note}
                data: {id}
              - {event: Asked, on: message reports, data: content}
            """);

    assertThat(rules.requirements())
        .isEqualTo(
            new Requirements(
                Map.of(
                    Shop.PAYMENTS.id(),
                    new Requirements.OfTable(
                        Set.of(Operation.UPDATE, Operation.DELETE),
                        Set.of("id", "status", "amount", "order_id", "method"),
                        Set.of("id", "status", "amount", "method"),
                        null,
                        Set.of(),
                        new NeededChanges(
                            Map.of(
                                Operation.UPDATE,
                                List.of(new Case(Set.of("status"), null)),
                                Operation.DELETE,
                                List.of(Case.ANY)))),
                    Shop.STOCKS.id(),
                    new Requirements.OfTable(
                        Set.of(Operation.INSERT, Operation.SNAPSHOT),
                        Set.of("id", "symbol", "price", "note"),
                        Set.of(),
                        null,
                        Set.of(),
                        new NeededChanges(Map.of(Operation.INSERT, List.of(Case.ANY))))),
                Set.of("reports", "rowbell.context", "rowbell.skip")));
  }
}
