package io.rowbell.language;

import static io.rowbell.language.OrderTables.rules;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.OrderTables.Log;
import io.rowbell.language.OrderTables.Run;
import io.rowbell.model.Change;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules in shadow that wait for a commit leave those that are live as they are without them. */
class ShadowTransactionsTest {
  private static final String COUNTED =
      """
      rules: v1
      triggers:
        - {event: Alone, on: insert orders, when: tx.changes == 1, data: {id, n: tx.changes}}
        - {rule: next, mode: shadow, event: Line, on: insert lines, when: tx.changes == 2, data: {id, n: tx.changes}}
      """;

  /** What rules in shadow would have made. */
  private static Stream<Outcome> would(Run run) {
    return run.outcomes.stream()
        .filter(Outcome.Shadow.class::isInstance)
        .map(outcome -> ((Outcome.Shadow) outcome).would());
  }

  private static List<String> wouldTell(Run run) {
    return would(run)
        .filter(Outcome.Event.class::isInstance)
        .map(made -> ((Outcome.Event) made).event().data().toString())
        .toList();
  }

  private static List<String> wouldFail(Run run) {
    return would(run)
        .filter(Outcome.Dead.class::isInstance)
        .map(made -> ((Outcome.Dead) made).letter())
        .map(letter -> letter.code() + " " + letter.reason())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void rowsThatOnlyShadowsReadAreCountedForShadowsAlone(int place) {
    List<Change> changes =
        new Log().order(7, "1").line(1, 7L, "A", 1).next().order(8, "1").changes();
    Run run = new Run(rules(COUNTED));
    run.batch(changes.subList(0, place), /* open= */ true).restart(rules(COUNTED));
    run.batch(changes.subList(place, 3), /* open= */ false);

    assertThat(run.told()).containsExactly("Alone {\"id\":7,\"n\":1}", "Alone {\"id\":8,\"n\":1}");
    assertThat(wouldTell(run)).containsExactly("{\"id\":1,\"n\":2}");
  }

  @Test
  void rowsOfALiveRulesChildrenAreCountedForIt() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - {event: Placed, on: insert orders, with: {lines: lines by order_id}, data: {id, n: tx.changes}}
            """);
    assertThat(new Run(rules).all(new Log().order(7, "1").line(1, 7L, "A", 1)).told())
        .containsExactly("Placed {\"id\":7,\"n\":2}");
  }

  @Test
  void aTransactionOfWhichAnEarlierVersionKeptAPartGoesOnWithItsOneCount() {
    List<Change> changes = new Log().order(7, "1").line(1, 7L, "A", 1).order(8, "1").changes();
    Run run = new Run(rules(COUNTED));
    run.batch(changes.subList(0, 1), /* open= */ true);
    byte[] state = Objects.requireNonNull(run.journal.get("tx/state"));
    // A mark and eight bytes: the count for live rules came last.
    run.journal.put("tx/state", Arrays.copyOf(state, state.length - 9));
    run.restart(rules(COUNTED)).batch(changes.subList(1, 2), /* open= */ false);

    assertThat(run.told()).containsExactly("Alone {\"id\":7,\"n\":1}");
    assertThat(wouldTell(run)).containsExactly("{\"id\":1,\"n\":2}");
  }

  @Test
  void eventsOfShadowsTakeNoRoomFromThoseThatArePublished() {
    String file =
        """
        rules: v1
        triggers:
          - {rule: next, mode: shadow, event: Written, on: insert lines, when: tx.changes > 0, data: {a: note, b: note, c: note, d: note, e: note, f: note}}
          - {event: Placed, on: insert orders, data: {id, n: tx.changes}}
        """;
    Log log = new Log();
    for (int i = 0; i < 7; i++) {
      log.line(i, 7L, "A", 1, "x".repeat(1 << 20));
    }
    Run run = new Run(rules(file)).all(log.order(7, "1"));

    assertThat(run.told()).containsExactly("Placed {\"id\":7,\"n\":1}");
    assertThat(run.problems()).isEmpty();
    assertThat(wouldTell(run)).as("of 6 MiB each").hasSize(3);
    assertThat(wouldFail(run)).hasSize(4).allMatch(why -> why.contains("more than 16 MiB"));
  }

  @Test
  void childRowsThatOnlyShadowsReadTakeHalfOfTheRoomAtMost() {
    String file =
        """
        rules: v1
        triggers:
          - {rule: next, mode: shadow, event: Placed, on: insert orders, with: {lines: lines by order_id}, data: {n: "lines.map(l, l.note)"}}
          - {event: Told, on: message big, data: "[size(content), tx.changes]"}
        """;
    Log log = new Log().order(7, "1");
    for (int i = 0; i < 15; i++) {
      log.line(i, 7L, "A", 1, "x".repeat(1 << 20));
    }
    for (int i = 0; i < 5; i++) {
      log.message("big", "x".repeat(1 << 20));
    }
    Run run = new Run(rules(file)).all(log);

    assertThat(run.problems()).isEmpty();
    assertThat(run.told()).hasSize(5).allMatch("Told [1048576,0]"::equals);
    assertThat(wouldFail(run))
        .singleElement()
        .asString()
        .startsWith("X403")
        .contains("public.lines")
        .endsWith("8 MiB");
  }
}
