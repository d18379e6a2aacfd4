package io.rowbell.language.testing;

import io.rowbell.language.Explanation;
import io.rowbell.language.Explanations;
import io.rowbell.language.Outcome;
import io.rowbell.language.RuleSet;
import io.rowbell.language.Transactions;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One run of one test: a database of its own, a memory of its own, time of its own. */
final class TestRun {
  /** When every test begins. */
  static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private static final String SNAPSHOT = "test";
  private static final long FIRST_POSITION = 0x100_0000L;
  private static final long BYTES_OF_A_CHANGE = 0x100L;

  private final RuleSet rules;
  private final Memory memory;
  private final Transactions transactions;
  private final Set<String> fired;
  private final VirtualDatabase database = new VirtualDatabase();
  private Instant now = BEGIN;
  private long xid = 1000;
  private long position = FIRST_POSITION;

  /** Since the last expectation. */
  private final List<Outcome> came = new ArrayList<>();

  /** What rules made of the changes since the last expectation, and why. */
  private final List<Explanation> explanations = new ArrayList<>();

  private final Explanations why = Explanations.ofAll();

  private Outcome.@Nullable Halt halt;

  /**
   * @param fired where the names of rules go that made an event
   */
  TestRun(RuleSet rules, Set<String> fired) {
    this.rules = rules;
    this.memory = rules.recall(Map.of());
    this.transactions = Transactions.of(rules, memory);
    this.fired = fired;
  }

  /** Runs until the end, or until something is not as expected. */
  TestResult run(RuleTest test) {
    for (Step step : test.steps()) {
      TestFailure failure = run(step);
      if (failure != null) {
        return new TestResult(test.name(), test.at(), failure);
      }
    }
    Mismatch left = mismatch(Expectation.NOTHING);
    return new TestResult(
        test.name(),
        test.at(),
        left.isNone()
            ? null
            : new TestFailure(test.at(), "at the end of the test:\n" + left.describe()));
  }

  /**
   * Does steps that expect nothing.
   *
   * @throws IllegalArgumentException if one of them cannot be done
   */
  List<Outcome> outcomes(List<Step> steps) {
    for (Step step : steps) {
      TestFailure failure = run(step);
      if (failure != null) {
        throw new IllegalArgumentException(failure.message());
      }
    }
    List<Outcome> made = List.copyOf(came);
    came.clear();
    explanations.clear();
    return made;
  }

  /** The values of the row with the same primary key; null if there is none. */
  @Nullable Object @Nullable [] row(Row keyed) {
    return database.row(keyed);
  }

  private @Nullable TestFailure run(Step step) {
    if (step instanceof Step.Expect expect) {
      Mismatch mismatch = mismatch(expect.expectation());
      came.clear();
      explanations.clear();
      return mismatch.isNone() ? null : new TestFailure(step.at(), mismatch.describe());
    }
    if (halt != null) {
      return new TestFailure(
          step.at(),
          "nothing goes on here: rule '"
              + halt.rule()
              + "' says on_error: halt, and failed before: "
              + halt.code()
              + " "
              + halt.reason());
    }
    if (step instanceof Step.Wait pause) {
      now = now.plus(pause.duration());
      note(why.noting(() -> rules.elapse(now, memory)));
      explanations.addAll(why.take());
      explainWaiting();
      return null;
    }
    return write((Step.Transaction) step);
  }

  private Mismatch mismatch(Expectation expectation) {
    return new Mismatch(expectation, List.copyOf(came), List.copyOf(explanations), rules.shapes());
  }

  private @Nullable TestFailure write(Step.Transaction transaction) {
    xid++;
    List<Change> written = new ArrayList<>();
    for (Step.Write write : transaction.writes()) {
      Supplier<Origin> origins = () -> origin(VirtualDatabase.isSnapshot(write));
      try {
        if (write instanceof Step.MessageWrite message) {
          written.add(
              new Change.Message(
                  origins.get(), message.prefix(), message.content(), /* transactional= */ true));
        } else {
          written.addAll(database.apply((Step.RowWrite) write, origins));
        }
      } catch (VirtualDatabase.RefusedException e) {
        return new TestFailure(write.at(), String.valueOf(e.getMessage()));
      }
    }
    note(why.noting(() -> transactions.evaluate(written, /* open= */ false)));
    why.take().stream()
        .filter(explanation -> explanation.reason() != Explanation.Reason.OTHER_OPERATION)
        .forEach(explanations::add);
    return transactions.takeNotices().stream()
        .findFirst()
        .map(notice -> new TestFailure(transaction.at(), notice.code() + " " + notice.text()))
        .orElse(null);
  }

  private Origin origin(boolean snapshot) {
    position += BYTES_OF_A_CHANGE;
    return new Origin(
        snapshot ? 0 : xid, now, new Position(position), 0, snapshot ? SNAPSHOT : null);
  }

  /** What has been explained since the last expectation says for what is waited. */
  private void explainWaiting() {
    Set<String> explained =
        explanations.stream().map(Explanation::rule).collect(Collectors.toSet());
    why.waiting(rules, now, memory);
    why.take().stream()
        .filter(explanation -> !explained.contains(explanation.rule()))
        .forEach(explanations::add);
  }

  /** Of a transaction at which a rule halts, nothing becomes durable. */
  private void note(List<Outcome> outcomes) {
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Halt failed) {
        halt = failed;
        came.add(failed);
        return;
      }
    }
    came.addAll(outcomes);
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Event event) {
        fired.add(Mismatch.rule(event));
      } else if (outcome instanceof Outcome.Shadow shadow
          && shadow.would() instanceof Outcome.Event) {
        fired.add(shadow.rule());
      }
    }
  }
}
