package io.rowbell.language;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.memory.HeldChange;
import io.rowbell.language.memory.Memory;
import io.rowbell.language.memory.OpenTransaction;
import io.rowbell.model.Change;
import io.rowbell.model.DomainEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

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
  /** All events of one commit become durable in one step: what is more fails. */
  private static final long MAX_EVENT_BYTES = 32L << 20;

  private final Rules rules;
  private final Memory memory;
  private final OpenTransaction transaction;
  private final TransactionMessages messages = new TransactionMessages();
  private final List<Notice> notices = new ArrayList<>();
  private @Nullable Explanations explanations;

  /**
   * Beyond how many bytes of events at one commit no rule makes another one.
   *
   * @param shadow of the events of rules in shadow, which are counted by themselves
   */
  static long mostEventBytes(boolean shadow) {
    return shadow ? MAX_EVENT_BYTES / 2 : MAX_EVENT_BYTES;
  }

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
   * With rules that stay the same.
   *
   * @param memory what the rules remember
   */
  public static Transactions of(RuleSet rules, Memory memory) {
    return new Transactions(
        new Rules() {
          @Override
          public RuleSet of(Change change) {
            return rules;
          }

          @Override
          public RuleSet current() {
            return rules;
          }
        },
        memory);
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
    explanations = Workspace.ofThread().explanations;
    boolean listened = false;
    for (int i = 0; i < changes.size(); i++) {
      Change change = changes.get(i);
      long xid = change.origin().xid();
      if (xid == 0) {
        if (transaction.xid() != 0 && !goesOn(changes, i, open)) {
          end(outcomes);
        }
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

  /** What messages could not be used, and what else is to be told, since the last call. */
  public List<Notice> takeNotices() {
    List<Notice> taken = new ArrayList<>(messages.take());
    taken.addAll(notices);
    notices.clear();
    return taken;
  }

  /** Whether more of the transaction at hand follows, so that what is due at its end is not yet. */
  private boolean goesOn(List<Change> changes, int from, boolean open) {
    for (int i = from; i < changes.size(); i++) {
      long xid = changes.get(i).origin().xid();
      if (xid != 0) {
        return xid == transaction.xid();
      }
    }
    return open;
  }

  private void outside(Change change, List<Outcome> outcomes) {
    if (change instanceof Change.Message message && TransactionMessages.isOne(message)) {
      messages.outside(message);
    }
    RuleSet ruleSet = rules.of(change);
    outcomes.addAll(ruleSet.evaluateAlone(change, memory));
    passed(change, ruleSet);
  }

  private void passed(Change change, RuleSet ruleSet) {
    if (explanations != null) {
      explanations.passed(change, ruleSet, memory);
    }
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
        messages.read(message, transaction, ruleSet.skippedWith());
      }
    }
  }

  private void evaluate(Change change, RuleSet ruleSet, List<Outcome> outcomes) {
    outcomes.addAll(ruleSet.elapse(change.origin().commitTime(), memory));
    if (change instanceof Change.TableChange row) {
      ruleSet.count(row, memory);
      ruleSet.keepChild(row, transaction);
    }
    transaction.read();
    try {
      addAll(ruleSet.of(change, memory), outcomes);
      passed(change, ruleSet);
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
    Set<String> gone = new TreeSet<>();
    long bytes = 0;
    long bytesOfShadows = 0;
    for (HeldChange held : transaction.held()) {
      CompiledRule rule = ruleSet.rule(held.rule());
      if (rule == null || !rule.keeping().isOf(held)) {
        gone.add(held.rule());
        continue;
      }
      boolean shadow = rule.isShadow();
      Outcome outcome =
          (shadow ? bytesOfShadows : bytes) > mostEventBytes(shadow)
              ? rule.refuse(held, workspace)
              : rule.evaluate(held, facts, workspace, memory);
      if (outcome != null) {
        if (shadow) {
          bytesOfShadows += bytes(outcome);
        } else {
          bytes += bytes(outcome);
        }
        addAll(List.of(outcome), outcomes);
      }
    }
    gone.forEach(this::tellGone);
  }

  private static int bytes(Outcome outcome) {
    return outcome instanceof Outcome.Shadow shadow
        ? bytes(shadow.would())
        : outcome instanceof Outcome.Event event ? event.event().data().bytes().length : 0;
  }

  private void tellGone(String rule) {
    notices.add(
        new Notice(
            Codes.OTHER_RULES,
            "changes waited for the end of the transaction for rule '"
                + rule
                + "', which is gone or listens to another table: they make no events",
            transaction.xid()));
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
