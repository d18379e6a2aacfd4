package io.rowbell.engine;

import io.rowbell.language.Outcome;
import io.rowbell.language.Transactions;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.spi.Batch;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Source;
import io.rowbell.spi.StateChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
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
  private final Memory memory;
  private final Transactions transactions;
  private final Notices notices = new Notices();
  private final RuleFailures failures = new RuleFailures();
  private final Stats stats;

  /**
   * What was done since the engine was started; may be read by other threads.
   *
   * @param changes changes that rules were asked about
   * @param events events made durable
   * @param deadLetters changes that a rule could not evaluate
   * @param appends durable steps
   */
  record Stats(LongAdder changes, LongAdder events, LongAdder deadLetters, LongAdder appends) {
    Stats() {
      this(new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder());
    }
  }

  /**
   * @param remembered what the journal holds now: what rules remember is part of it
   */
  Pipeline(RuleBook rules, Journal journal, Map<String, byte[]> remembered, Stats stats) {
    this.rules = rules;
    this.journal = journal;
    this.memory = rules.current().recall(remembered);
    this.transactions = new Transactions(rules, memory);
    this.stats = stats;
    tellRestarted();
  }

  /**
   * Makes a batch durable.
   *
   * @throws EngineException if a rule that says {@code on_error: halt} fails, or a table was
   *     altered so that the rules no longer fit: nothing of the batch is durable
   */
  @Override
  public void handle(ChangeBatch batch) throws JournalException, InterruptedException {
    List<DomainEvent> events = new ArrayList<>();
    List<DeadLetter> deadLetters = new ArrayList<>();
    add(transactions.evaluate(batch.changes(), batch.openTransaction()), events, deadLetters);
    transactions.takeNotices().forEach(notices::tell);
    if (batch.clock() != null) {
      add(rules.current().elapse(batch.clock(), memory), events, deadLetters);
    }
    tellRestarted();
    List<StateChange> state = new ArrayList<>(batch.progress());
    memory.takeChanges().forEach((name, value) -> state.add(new StateChange(name, value)));
    journal.append(new Batch(events, deadLetters, state, rules.database(), batch.checkpoint()));
    stats.changes().add(batch.changes().size());
    stats.events().add(events.size());
    stats.deadLetters().add(deadLetters.size());
    stats.appends().increment();
  }

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

  private void tellRestarted() {
    for (String rule : memory.takeRestarted()) {
      LOG.info(
          "rule {} begins without a memory: its key or the columns it remembers were changed, or"
              + " it is gone",
          rule);
    }
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
