package io.rowbell.testkit;

import io.rowbell.testkit.Ledger.Fact;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Whether a journal tells what was committed to a {@link Ledger}: each row once, nothing else, each
 * account's in the order of commits, and the balances.
 *
 * @param expected how many events there must be
 * @param found how many there are
 * @param duplicates how many of them are there once more
 * @param violations what is wrong, each with its promise: {@code G1 …}; empty if all is well
 */
public record Verdict(long expected, long found, long duplicates, List<String> violations) {
  private static final int TOLD = 10;

  public Verdict {
    violations = List.copyOf(violations);
  }

  /** Compares what is committed now with a journal that has come to its end. */
  public static Verdict of(Ledger ledger, List<JournalEvent> events) throws SQLException {
    return of(ledger.committed(), ledger.balances(), events);
  }

  static Verdict of(List<Fact> committed, Map<String, Long> balances, List<JournalEvent> events) {
    List<Fact> told = events.stream().map(Fact::of).toList();
    Set<Fact> wanted = new HashSet<>(committed);
    Set<Fact> seen = new HashSet<>();
    Set<String> ids = new HashSet<>();
    List<String> wrong = new ArrayList<>();
    List<String> repeated = new ArrayList<>();
    List<String> uncommitted = new ArrayList<>();
    for (int i = 0; i < told.size(); i++) {
      JournalEvent event = events.get(i);
      Fact fact = told.get(i);
      boolean newId = ids.add(event.id());
      boolean newFact = seen.add(fact);
      if (!newId || !newFact) {
        repeated.add(event.toString());
      }
      if (!wanted.contains(fact)) {
        uncommitted.add(event.toString());
      }
      if (!fact.key().equals(event.key())) {
        wrong.add("G1 a wrong key: " + event);
      }
    }
    List<String> missing =
        committed.stream().filter(f -> !seen.contains(f)).map(Fact::toString).toList();
    tell("G1 missing", missing, wrong);
    tell("G1 repeated", repeated, wrong);
    tell("G2 never committed", uncommitted, wrong);
    compareOrder(committed, told, seen, wrong);
    if (missing.isEmpty() && repeated.isEmpty()) {
      compareBalances(balances, events, wrong);
    }
    return new Verdict(committed.size(), events.size(), repeated.size(), wrong);
  }

  private static void tell(String what, List<String> cases, List<String> wrong) {
    if (!cases.isEmpty()) {
      wrong.add(
          "%s: %d, first %s"
              .formatted(what, cases.size(), cases.subList(0, Math.min(TOLD, cases.size()))));
    }
  }

  /** Only of what is there, so that one that is missing is not told as disorder too. */
  private static void compareOrder(
      List<Fact> committed, List<Fact> told, Set<Fact> seen, List<String> wrong) {
    Map<String, List<Fact>> wanted = byKey(committed.stream().filter(seen::contains).toList());
    Set<Fact> known = new HashSet<>(committed);
    Map<String, List<Fact>> got = byKey(told.stream().filter(known::contains).distinct().toList());
    wanted.forEach(
        (key, order) -> {
          List<Fact> actual = got.getOrDefault(key, List.of());
          if (!order.equals(actual)) {
            int at = 0;
            while (order.get(at).equals(actual.get(at))) {
              at++;
            }
            wrong.add(
                "G3 the order of account %s: at %d %s in place of %s"
                    .formatted(key, at, actual.get(at), order.get(at)));
          }
        });
  }

  private static Map<String, List<Fact>> byKey(List<Fact> facts) {
    Map<String, List<Fact>> byKey = new HashMap<>();
    facts.forEach(fact -> byKey.computeIfAbsent(fact.key(), k -> new ArrayList<>()).add(fact));
    return byKey;
  }

  private static void compareBalances(
      Map<String, Long> balances, List<JournalEvent> events, List<String> wrong) {
    Map<String, Long> sums = new HashMap<>();
    Map<String, Long> last = new HashMap<>();
    for (JournalEvent event : events) {
      String account = Objects.requireNonNullElse(event.key(), "none");
      if (event.type().equals("Entered")) {
        sums.merge(account, event.number("amount"), Long::sum);
      } else {
        last.put(account, event.number("balance"));
      }
    }
    balances.forEach(
        (account, balance) -> {
          if (!balance.equals(sums.get(account)) || !balance.equals(last.get(account))) {
            wrong.add(
                "G5 account %s has %d; its entries give %d, its last event says %d"
                    .formatted(account, balance, sums.get(account), last.get(account)));
          }
        });
  }

  /** The same with one violation more. */
  public Verdict with(List<String> more) {
    List<String> all = new ArrayList<>(violations);
    all.addAll(more);
    return new Verdict(expected, found, duplicates, all);
  }

  /**
   * Fails unless all is well.
   *
   * @param about what to say with it: the seed, the faults, the engine's output
   */
  public void requireClean(String about) {
    if (!violations.isEmpty()) {
      throw new AssertionError(
          "expected %d events, found %d:%n%s%n%s"
              .formatted(expected, found, String.join("\n", violations), about));
    }
  }
}
