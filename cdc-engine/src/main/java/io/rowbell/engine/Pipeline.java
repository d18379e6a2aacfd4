package io.rowbell.engine;

import io.rowbell.language.Outcome;
import io.rowbell.language.RuleSet;
import io.rowbell.language.Transactions;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Requirements;
import io.rowbell.spi.Batch;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.spi.FailPoint;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.StateChange;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from changes to durable events, one batch at a time, without threads: evaluate, then
 * append once. Returning is acknowledging.
 */
final class Pipeline implements Source.BatchHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);

  private final RuleBook rules;
  private final Journal journal;
  private final Reloads reloads;
  private final Requirements requirements;
  private Memory memory;
  private Transactions transactions;
  private RuleSet current;
  private boolean insideTransaction;
  private final Notices notices = new Notices();
  private final RuleFailures failures = new RuleFailures();
  private final Stats stats;
  private final RulesInForce inForce;

  /**
   * What was done since the engine was started; may be read by other threads.
   *
   * @param changes changes that rules were asked about
   * @param events events made durable
   * @param deadLetters changes that a rule could not evaluate
   * @param appends durable steps
   * @param shadows what rules in shadow would have sent
   * @param lastAppend when the last durable step was taken; null before the first
   */
  record Stats(
      LongAdder changes,
      LongAdder events,
      LongAdder deadLetters,
      LongAdder appends,
      Shadows shadows,
      AtomicReference<@Nullable Instant> lastAppend,
      InstantSource clock) {
    Stats(InstantSource clock) {
      this(
          new LongAdder(),
          new LongAdder(),
          new LongAdder(),
          new LongAdder(),
          new Shadows(clock),
          new AtomicReference<>(),
          clock);
    }

    private void appended() {
      appends.increment();
      lastAppend.set(clock.instant());
    }
  }

  /**
   * @param resume what the journal holds now: what rules remember is part of it
   */
  Pipeline(RuleBook rules, Reloads reloads, Journal journal, Resume resume, Stats stats) {
    this.rules = rules;
    this.reloads = reloads;
    this.journal = journal;
    this.requirements = rules.requirements();
    this.insideTransaction = isInsideTransaction(resume);
    this.stats = stats;
    this.inForce = new RulesInForce(resume);
    this.current = rules.current();
    this.memory = recall(resume);
    this.transactions = new Transactions(rules, memory);
    if (insideTransaction) {
      stats.shadows().missed();
    }
  }

  /** Whether a part of a transaction is in the journal already. */
  static boolean isInsideTransaction(Resume resume) {
    return resume.checkpoint() != null && resume.checkpoint().openXid() != 0;
  }

  private Memory recall(Resume resume) {
    current = rules.current();
    Memory recalled = current.recall(resume.state(), journal.largestState());
    stats.shadows().of(current.shadows());
    reloads.begun(tellRestarted(recalled));
    return recalled;
  }

  /**
   * Makes a batch durable.
   *
   * @throws EngineException if a rule that says {@code on_error: halt} fails, or a table was
   *     altered so that the rules no longer fit: nothing of the batch is durable
   * @throws NewRequirementsException if rules took over that ask the database for other changes:
   *     nothing of the batch was looked at
   */
  @Override
  public void handle(ChangeBatch batch) throws JournalException, InterruptedException {
    takeOver();
    List<DomainEvent> events = new ArrayList<>();
    List<DeadLetter> deadLetters = new ArrayList<>();
    List<Outcome> made = new ArrayList<>();
    made.addAll(transactions.evaluate(batch.changes(), batch.openTransaction()));
    transactions.takeNotices().forEach(notices::tell);
    if (batch.clock() != null) {
      made.addAll(rules.current().elapse(batch.clock(), memory));
    }
    add(made, events, deadLetters);
    leaveOutMisfits();
    tellRestarted(memory);
    List<StateChange> state = new ArrayList<>(batch.progress());
    memory.takeChanges().forEach((name, value) -> state.add(new StateChange(name, value)));
    RuleSet evaluated = rules.current();
    inForce.untold(evaluated.fingerprint()).ifPresent(state::add);
    if (!events.isEmpty()) {
      FailPoint.BEFORE_APPEND.pass();
    }
    journal.append(new Batch(events, deadLetters, state, rules.database(), batch.checkpoint()));
    if (!events.isEmpty()) {
      FailPoint.APPENDED.pass();
    }
    inForce.told(evaluated.fingerprint());
    insideTransaction = batch.openTransaction();
    stats.changes().add(batch.changes().size());
    stats.events().add(events.size());
    stats.deadLetters().add(deadLetters.size());
    stats.appended();
    stats.shadows().note(made, batch.clock(), batch.openTransaction());
  }

  /** A table was altered: what rules in shadow that do not fit it remember has no meaning. */
  @SuppressWarnings("ReferenceEquality") // rules that are compiled anew are another instance
  private void leaveOutMisfits() {
    RuleSet now = rules.current();
    if (now == current) {
      return;
    }
    current = now;
    stats.shadows().of(now.shadows());
    now.shadows().stream()
        .filter(shadow -> shadow.misfit() != null)
        .forEach(shadow -> memory.forget(shadow.rule()));
  }

  /** Of a rule in shadow nothing is published. */
  private void add(List<Outcome> outcomes, List<DomainEvent> events, List<DeadLetter> deadLetters) {
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Event fired) {
        events.add(fired.event());
      } else if (outcome instanceof Outcome.Dead dead) {
        deadLetters.add(dead.letter());
        failures.tell(dead.letter());
      } else if (outcome instanceof Outcome.Halt halt) {
        throw halted(halt);
      }
    }
  }

  /** Rules that were reloaded take over between two transactions. */
  private void takeOver() {
    if (insideTransaction || !reloads.takeOver()) {
      return;
    }
    if (!rules.requirements().equals(requirements)) {
      throw new NewRequirementsException();
    }
    memory = recall(journal.resume());
    transactions = new Transactions(rules, memory);
  }

  private static Set<String> tellRestarted(Memory memory) {
    Set<String> restarted = memory.takeRestarted();
    restarted.forEach(rule -> LOG.info("{}", Reloads.restarted(rule)));
    return restarted;
  }

  private static EngineException halted(Outcome.Halt halt) {
    return new EngineException(
        ExitCode.CONFIGURATION,
        "rule '%s' says on_error: halt and failed on the change at %s (transaction %d): %s %s. Nothing of it is durable; mend the rule or the row and start again"
            .formatted(
                halt.rule(),
                halt.origin().position(),
                halt.origin().xid(),
                halt.code(),
                halt.reason()),
        null);
  }
}
