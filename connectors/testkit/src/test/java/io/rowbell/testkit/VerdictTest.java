package io.rowbell.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.testkit.Ledger.Fact;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each promise is seen to be broken when it is. */
class VerdictTest {
  private static final List<Fact> COMMITTED =
      List.of(
          Fact.entered("1", "7"),
          Fact.balance("7", "1"),
          Fact.entered("2", "8"),
          Fact.entered("3", "7"),
          Fact.balance("7", "2"),
          Fact.balance("8", "1"));

  private static final Map<String, Long> BALANCES = Map.of("7", 30L, "8", 5L);

  private static final List<JournalEvent> EVENTS =
      List.of(
          entered("a", 1, 7, 10, "0-1"),
          balance("b", 7, 10, 1),
          entered("c", 2, 8, 5, "1-1"),
          entered("d", 3, 7, 20, "0-2"),
          balance("e", 7, 30, 2),
          balance("f", 8, 5, 1));

  private static JournalEvent entered(String id, long row, long account, long amount, String tx) {
    return new JournalEvent(
        id,
        "Entered",
        Long.toString(account),
        "{\"id\":%d,\"account\":%d,\"amount\":%d,\"tx\":\"%s\"}"
            .formatted(row, account, amount, tx));
  }

  private static JournalEvent balance(String id, long account, long balance, long version) {
    return new JournalEvent(
        id,
        "BalanceChanged",
        Long.toString(account),
        "{\"id\":%d,\"balance\":%d,\"version\":%d}".formatted(account, balance, version));
  }

  private static List<String> violations(List<JournalEvent> events) {
    return Verdict.of(COMMITTED, BALANCES, events).violations();
  }

  private static List<JournalEvent> with(JournalEvent more) {
    List<JournalEvent> events = new ArrayList<>(EVENTS);
    events.add(more);
    return events;
  }

  @Test
  void whatWasKeptIsClean() {
    Verdict verdict = Verdict.of(COMMITTED, BALANCES, EVENTS);
    assertThat(verdict).isEqualTo(new Verdict(6, 6, 0, List.of()));
    verdict.requireClean("");
  }

  @Test
  void accountsMayPassEachOther() {
    List<JournalEvent> events = new ArrayList<>(EVENTS);
    Collections.swap(events, 1, 2);
    assertThat(violations(events)).isEmpty();
  }

  @Test
  void whatIsMissingIsSeen() {
    assertThat(violations(EVENTS.subList(0, 5)))
        .singleElement()
        .asString()
        .startsWith("G1 missing: 1, first")
        .contains("BalanceChanged 8 1");
  }

  @Test
  void aRepetitionIsSeenWithTheSameIdAndWithAnother() {
    Verdict verdict = Verdict.of(COMMITTED, BALANCES, with(EVENTS.get(5)));
    assertThat(verdict.duplicates()).isEqualTo(1);
    assertThat(verdict.violations()).singleElement().asString().startsWith("G1 repeated: 1");
    assertThat(violations(with(balance("g", 8, 5, 1))))
        .singleElement()
        .asString()
        .startsWith("G1 repeated: 1");
    // Two rows that were given one id are no two events to a destination that drops repeats.
    List<JournalEvent> events = new ArrayList<>(EVENTS);
    events.set(5, balance("a", 8, 5, 1));
    assertThat(violations(events)).singleElement().asString().startsWith("G1 repeated: 1");
  }

  @Test
  void whatWasNeverCommittedIsSeen() {
    assertThat(violations(with(entered("g", 9, 7, 0, "decoy-0-1"))))
        .anyMatch(violation -> violation.startsWith("G2 never committed: 1"));
  }

  @Test
  void disorderOfOneAccountIsSeen() {
    List<JournalEvent> events = new ArrayList<>(EVENTS);
    Collections.swap(events, 0, 3);
    assertThat(violations(events))
        .singleElement()
        .asString()
        .startsWith("G3 the order of account 7");
  }

  @Test
  void aWrongKeyIsSeen() {
    List<JournalEvent> events = new ArrayList<>(EVENTS);
    JournalEvent first = events.get(0);
    events.set(0, new JournalEvent(first.id(), first.type(), "8", first.data()));
    assertThat(violations(events)).anyMatch(violation -> violation.startsWith("G1 a wrong key"));
  }

  @Test
  void balancesThatDoNotReconcileAreSeen() {
    List<JournalEvent> events = new ArrayList<>(EVENTS);
    events.set(0, entered("a", 1, 7, 11, "0-1"));
    assertThat(violations(events)).singleElement().asString().startsWith("G5 account 7 has 30");
  }

  @Test
  void aViolationFailsWithWhatWasSaidAboutIt() {
    Verdict verdict = Verdict.of(COMMITTED, BALANCES, EVENTS).with(List.of("G6 late"));
    assertThatThrownBy(() -> verdict.requireClean("seed 5"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("G6 late")
        .hasMessageContaining("seed 5");
  }
}
