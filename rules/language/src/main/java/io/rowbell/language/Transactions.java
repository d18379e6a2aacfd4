package io.rowbell.language;

import io.rowbell.language.memory.HeldChange;
import io.rowbell.language.memory.Memory;
import io.rowbell.language.memory.OpenTransaction;
import io.rowbell.model.Change;
import io.rowbell.model.DomainEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Evaluates changes as the transactions that they are: finds what a transaction says about itself
 * before its rows are evaluated, keeps child rows and the changes of rules that need the whole
 * transaction, and evaluates those at its end. What is known of a transaction that is still open is
 * part of the {@link Memory}. For one thread.
 *
 * <p>A transaction's changes stand together, in their order; among them may be some that belong to
 * none, as rows that a snapshot read.
 */
public final class Transactions {
  private final Rules rules;
  private final Memory memory;
  private final OpenTransaction transaction;
  private final TransactionMessages messages = new TransactionMessages();

  /** Which rules are in force. */
  public interface Rules {
    /** Those for a change: compiled against its version of the table. */
    RuleSet of(Change change);

    /** Those that were asked for last. */
    RuleSet current();
  }

  /**
   * @param memory what the rules remember
   */
  public Transactions(Rules rules, Memory memory) {
    this.rules = rules;
    this.memory = memory;
    this.transaction = memory.transaction();
  }

  /**
   * What the rules make of changes.
   *
   * @param changes the next ones
   * @param open whether more of the last change's transaction follow with the next call
   * @return in the order of the changes; what waited for the end of a transaction stands there
   */
  public List<Outcome> evaluate(List<Change> changes, boolean open) {
    List<Outcome> outcomes = new ArrayList<>();
    boolean listened = false;
    for (int i = 0; i < changes.size(); i++) {
      Change change = changes.get(i);
      long xid = change.origin().xid();
      if (xid == 0) {
        outside(change, outcomes);
        continue;
      }
      RuleSet ruleSet = rules.of(change);
      if (xid != transaction.xid()) {
        end(outcomes);
        transaction.begin(xid, ruleSet.childTables());
        listened = false;
      }
      if (!listened) {
        listen(changes, i, ruleSet);
        listened = true;
      }
      evaluate(change, ruleSet, outcomes);
    }
    if (!open) {
      end(outcomes);
    } else if (transaction.xid() != 0) {
      transaction.save();
    }
    return outcomes;
  }

  /** What messages could not be used since the last call. */
  public List<Notice> takeNotices() {
    return messages.take();
  }

  private void outside(Change change, List<Outcome> outcomes) {
    if (change instanceof Change.Message message && TransactionMessages.isOne(message)) {
      messages.outside(message);
    }
    outcomes.addAll(rules.of(change).evaluateAlone(change, memory));
  }

  /** What a transaction says about itself holds for all of it that is at hand. */
  private void listen(List<Change> changes, int from, RuleSet ruleSet) {
    for (int i = from; i < changes.size(); i++) {
      Change change = changes.get(i);
      long xid = change.origin().xid();
      if (xid != 0 && xid != transaction.xid()) {
        return;
      }
      if (xid != 0
          && change instanceof Change.Message message
          && TransactionMessages.isOne(message)) {
        messages.read(message, transaction, ruleSet.ruleNames());
      }
    }
  }

  private void evaluate(Change change, RuleSet ruleSet, List<Outcome> outcomes) {
    outcomes.addAll(ruleSet.elapse(change.origin().commitTime(), memory));
    if (change instanceof Change.TableChange row) {
      transaction.count();
      ruleSet.keepChild(row, transaction);
    }
    transaction.read();
    try {
      addAll(ruleSet.of(change, memory), outcomes);
    } finally {
      transaction.leave();
    }
  }

  /** The transaction has been read to its end. */
  private void end(List<Outcome> outcomes) {
    if (transaction.xid() == 0) {
      return;
    }
    if (!transaction.held().isEmpty()) {
      transaction.readToItsEnd();
      evaluateHeld(outcomes);
    }
    transaction.end();
  }

  private void evaluateHeld(List<Outcome> outcomes) {
    RuleSet ruleSet = rules.current();
    CommitFacts facts = new CommitFacts(transaction);
    Workspace workspace = Workspace.ofThread();
    for (HeldChange held : transaction.held()) {
      // A rule that is gone makes nothing any more.
      CompiledRule rule = ruleSet.rule(held.rule());
      Outcome outcome =
          rule == null || !rule.keeping().isOf(held)
              ? null
              : rule.evaluate(held, facts, workspace, memory);
      if (outcome != null) {
        addAll(List.of(outcome), outcomes);
      }
    }
  }

  private void addAll(List<Outcome> made, List<Outcome> outcomes) {
    if (made.isEmpty()) {
      return;
    }
    Map<String, String> context = transaction.context();
    if (context.isEmpty()) {
      outcomes.addAll(made);
      return;
    }
    for (Outcome outcome : made) {
      outcomes.add(
          outcome instanceof Outcome.Event event
              ? new Outcome.Event(with(context, event.event()))
              : outcome);
    }
  }

  private static DomainEvent with(Map<String, String> context, DomainEvent event) {
    Map<String, String> extensions = new HashMap<>(context);
    extensions.putAll(event.extensions());
    return new DomainEvent(
        event.id(),
        event.source(),
        event.type(),
        event.version(),
        event.key(),
        event.time(),
        event.topic(),
        extensions,
        event.data());
  }
}
