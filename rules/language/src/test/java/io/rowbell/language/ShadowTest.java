package io.rowbell.language;

import static io.rowbell.language.Shop.STOCKS;
import static io.rowbell.language.Shop.inserted;
import static io.rowbell.language.Shop.rules;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Issue;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Catalog;
import io.rowbell.model.Change;
import io.rowbell.model.TableSchema;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Rules that are evaluated and publish nothing. */
class ShadowTest {
  private static final String LIVE = "  - {event: A, on: insert stocks, data: {id}}\n";

  private static String file(String... triggers) {
    return "rules: v1\ntriggers:\n" + String.join("", triggers);
  }

  private static Change stock(long id) {
    return inserted(STOCKS, id, "ACME", BigDecimal.ONE, "x");
  }

  private static List<String> compared(RuleSet rules) {
    return rules.shadows().stream().map(s -> s.rule() + " beside " + s.live()).toList();
  }

  private static String issues(String file) {
    return new RuleCompiler(List.of(new RuleFile("rules.yaml", file)), Shop.DATABASE, null)
        .compile(Shop.CATALOG).issues().stream()
            .map(Issue::render)
            .collect(Collectors.joining("\n"));
  }

  @Test
  void whatAShadowMakesIsToldApartFromWhatIsPublished() {
    RuleSet rules =
        rules(
            file(
                LIVE,
                "  - {rule: A.next, event: A, on: insert stocks, data: {id}, mode: shadow}\n",
                "  - {rule: Bad, event: B, on: insert stocks, data: {x: 1 / (id - id)}, mode: shadow,"
                    + " on_error: halt}\n"));
    List<Outcome> outcomes = rules.evaluate(stock(7), new Memory());
    assertThat(outcomes).hasSize(3);
    assertThat(outcomes.get(0)).isInstanceOf(Outcome.Event.class);
    assertThat(outcomes.get(1))
        .isInstanceOfSatisfying(
            Outcome.Shadow.class,
            shadow -> {
              assertThat(shadow.rule()).isEqualTo("A.next");
              assertThat(shadow.would()).isInstanceOf(Outcome.Event.class);
            });
    assertThat(outcomes.get(2))
        .isInstanceOfSatisfying(
            Outcome.Shadow.class, s -> assertThat(s.would()).isInstanceOf(Outcome.Halt.class));
    assertThat(rules.counters()).extracting(RuleCounter::fired).containsExactly(1L, 1L, 0L);
    assertThat(rules.counters()).extracting(RuleCounter::failed).containsExactly(0L, 0L, 1L);
  }

  @Test
  void aStateThatLastsIsInShadowToo() {
    RuleSet rules =
        rules(
            file(
                "  - {event: Pending, on: stocks, while: id > 0, for: 5m, data: {id}, mode: shadow}\n"));
    Memory memory = new Memory();
    assertThat(rules.evaluate(stock(7), memory)).isEmpty();
    assertThat(rules.elapse(Shop.TIME.plusSeconds(301), memory))
        .singleElement()
        .isInstanceOf(Outcome.Shadow.class);
  }

  @Test
  void itIsComparedWithTheOnlyLiveRuleOfItsEventOrWithTheOneItNames() {
    String shadow = "  - {rule: S, event: A, on: insert stocks, data: {id}, mode: shadow}\n";
    String second = "  - {rule: A2, event: A, on: update stocks, data: {id}}\n";
    assertThat(compared(rules(file(shadow)))).containsExactly("S beside null");
    assertThat(compared(rules(file(shadow, LIVE)))).containsExactly("S beside A");
    assertThat(compared(rules(file(shadow, LIVE, second)))).containsExactly("S beside null");
    assertThat(
            compared(
                rules(
                    file(
                        shadow.replace("mode: shadow", "mode: shadow, compare: A2"),
                        LIVE,
                        second))))
        .containsExactly("S beside A2");
    assertThat(compared(rules(file(LIVE)))).isEmpty();
  }

  @Test
  void aFilesDefaultMayBeShadow() {
    RuleSet rules =
        rules(
            "rules: v1\ndefaults: {mode: shadow}\ntriggers:\n"
                + LIVE.replace("}}", "}, mode: live}")
                + "  - {event: B, on: insert stocks, data: {id}}\n");
    assertThat(compared(rules)).containsExactly("B beside null");
  }

  @Test
  void promotionKeepsTheMemoryAndIsAnotherSetOfRules() {
    String rule = "  - {event: C, on: insert stocks, key: symbol, cooldown: 1h, data: {id}%s}\n";
    RuleSet shadow = rules(file(rule.formatted(", mode: shadow")));
    RuleSet live = rules(file(rule.formatted("")));
    Memory memory = new Memory();
    assertThat(shadow.evaluate(stock(7), memory)).hasSize(1);
    Map<String, byte[]> kept = new HashMap<>(memory.takeChanges());
    Memory promoted = live.recall(kept);
    assertThat(promoted.takeRestarted()).isEmpty();
    assertThat(live.evaluate(stock(8), promoted)).as("the cooldown goes on").isEmpty();
    assertThat(live.fingerprint()).isNotEqualTo(shadow.fingerprint());
  }

  @Test
  void privateColumnsDoNotEvenLeaveIntoTheShadow() {
    assertThat(
            issues(
                "private: [stocks.note]\n"
                    + file("  - {event: A, on: insert stocks, data: {note}, mode: shadow}\n")))
        .contains("error E301: 'note' is private");
  }

  private static Compilation fitting(String file, TableSchema... tables) {
    Catalog catalog = Shop.catalog(tables);
    return new RuleCompiler(List.of(new RuleFile("rules.yaml", file)), Shop.DATABASE, null)
        .compileWhatFits(catalog, catalog);
  }

  @Test
  void aShadowThatDoesNotFitTheTablesIsLeftOutWhereThatIsAskedFor() {
    String file =
        file(
            LIVE,
            "  - {rule: A.next, event: A, on: insert stocks, data: {id, note}, mode: shadow}\n",
            "  - {rule: Gone, event: A, on: insert users, data: {id}, mode: shadow}\n",
            "  - {rule: Off, event: A, on: insert log, data: {id}, mode: shadow, enabled: false}\n",
            "  - {rule: Fits, event: A, on: insert stocks, data: {symbol}, mode: shadow}\n");
    TableSchema narrow = Shop.table("public.stocks", "DEFAULT", "id! int8", "symbol text");

    RuleSet rules = fitting(file, narrow).orThrow();
    assertThat(rules.counters()).extracting(RuleCounter::rule).containsExactly("A", "Fits");
    assertThat(compared(rules))
        .containsExactly("Fits beside A", "A.next beside A", "Gone beside A");
    assertThat(rules.shadows().get(0).misfit()).isNull();
    assertThat(rules.shadows().get(1).misfit())
        .startsWith("rules.yaml:4:60: error E101: ")
        .contains("note");
    assertThat(rules.shadows().get(2).misfit()).contains("E203");
    assertThat(fitting(file, STOCKS, Shop.USERS).orThrow().counters()).hasSize(4);

    assertThat(fitting(file.replace("{id}}", "{note}}"), narrow).issues())
        .as("a live rule that does not fit")
        .extracting(Issue::code)
        .containsExactly("E101");
    assertThat(fitting(file.replace("mode: shadow}", "mode: shado}"), narrow).rules())
        .as("a file that is not well formed")
        .isEmpty();
  }

  private static List<String> errors(String file, TableSchema... tables) {
    return fitting(file, tables).issues().stream()
        .filter(issue -> issue.severity() == Issue.Severity.ERROR)
        .map(Issue::code)
        .toList();
  }

  @Test
  void whatIsPrivateMayBeGoneOnlyWhereOnlyShadowsRead() {
    String shadow = "  - {rule: S, event: B, on: %s, data: {id}, mode: shadow}\n";
    TableSchema narrow = Shop.table("public.stocks", "DEFAULT", "id! int8");
    String gone = "private: [users.email]\n" + file(LIVE, shadow.formatted("insert users"));
    RuleSet rules = fitting(gone, STOCKS).orThrow();
    assertThat(rules.counters()).extracting(RuleCounter::rule).containsExactly("A");
    assertThat(rules.shadows().get(0).misfit()).contains("E203", "there is no table 'users'");
    assertThat(fitting(gone.replace("users.email", "public.users.email"), STOCKS).rules())
        .isPresent();

    String column = "private: [stocks.note]\n" + file(shadow.formatted("insert public.stocks"));
    assertThat(fitting(column, narrow).orThrow().shadows().get(0).misfit())
        .as("it may have another name now")
        .contains("E101", "'note'");
    assertThat(errors(column + LIVE, narrow)).as("a live rule reads it").containsExactly("E101");
    String child = "  - {event: C, on: insert users, with: {all: stocks by id}, data: {id}}\n";
    assertThat(errors(column + child, narrow, Shop.USERS)).as("as a child").containsExactly("E101");

    assertThat(fitting(gone.replace("users.email", "usres.email"), STOCKS).rules())
        .as("nobody names that")
        .isEmpty();
    assertThat(fitting(gone.replace("users.email", "\"*.email\""), STOCKS).rules())
        .as("of every table")
        .isEmpty();
    assertThat(issues(column.replace("note", "nota"))).contains("error E101");
  }

  @Test
  void aTransactionThatSkipsARuleSkipsItsShadows() {
    RuleSet rules =
        rules(
            file(
                LIVE,
                "  - {rule: A.next, event: A, on: insert stocks, data: {id}, mode: shadow}\n",
                "  - {event: B, on: insert stocks, data: {id}, mode: shadow}\n"));
    assertThat(made(rules, "A")).containsExactly("shadow of B");
    assertThat(made(rules, "A.next")).containsExactly("A", "shadow of B");
    assertThat(made(rules, "[\"B\"]")).containsExactly("A", "shadow of A.next");
  }

  private static List<String> made(RuleSet rules, String skipped) {
    return rules
        .transaction(List.of(Shop.message("rowbell.skip", skipped), stock(7)), new Memory())
        .stream()
        .map(
            outcome ->
                outcome instanceof Outcome.Shadow shadow
                    ? "shadow of " + shadow.rule()
                    : ((Outcome.Event) outcome).event().type())
        .toList();
  }

  @Test
  void howFarApartTheyAreComparedIsWhatTheirStatesLast() {
    String shadow =
        "  - {rule: S, event: A, on: stocks, while: id > 0, for: 5m, data: {id}, mode: shadow}\n";
    assertThat(rules(file(LIVE, shadow)).shadows().get(0).within())
        .isEqualTo(Duration.ofMinutes(6));
    assertThat(rules(file(shadow)).shadows().get(0).within()).isNull();
  }

  @Test
  void whatDoesNotFitIsSaid() {
    assertThat(
            issues(
                """
                rules: v1
                triggers:
                  - {event: Moved, on: insert stocks, data: {id}}
                  - {event: B, on: insert stocks, data: {id}, mode: shado}
                  - {event: C, on: insert stocks, data: {id}, compare: Moved}
                  - {event: D, on: insert stocks, data: {id}, mode: shadow, compare: Movd}
                """))
        .isEqualTo(
            """
            rules.yaml:4:53: error R011: 'mode' cannot be 'shado'
                 4 |   - {event: B, on: insert stocks, data: {id}, mode: shado}
                   |                                                     ^
                   = help: did you mean 'shadow'?
            rules.yaml:5:47: error R012: 'compare' belongs to 'mode: shadow', and this rule is live
                 5 |   - {event: C, on: insert stocks, data: {id}, compare: Moved}
                   |                                               ^
                   = help: say 'mode: shadow' or remove it
            rules.yaml:6:70: error R011: there is no live rule 'Movd'
                 6 |   - {event: D, on: insert stocks, data: {id}, mode: shadow, compare: Movd}
                   |                                                                      ^
                   = help: did you mean 'Moved'?""");
  }
}
