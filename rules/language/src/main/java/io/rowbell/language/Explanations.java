package io.rowbell.language;

import io.rowbell.language.memory.Memory;
import io.rowbell.language.memory.RuleMemory;
import io.rowbell.model.Change;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Notes why rules fire, do not fire or fail, while they are evaluated: what became of a change is
 * what its evaluation made of it, on the memory and in the transaction that it had. A change for
 * which a rule waits until the commit is explained there, or as soon as it need not wait any more.
 * For one thread.
 *
 * <p>Each change of what a rule listens to is explained once for that rule, and each event that
 * became due once more.
 */
public final class Explanations {
  private final @Nullable String only;
  private final List<Explanation> noted = new ArrayList<>();

  /** The rules that were asked about the change at hand. */
  private final Set<String> asked = new HashSet<>();

  /** What went wrong while a rule answers. */
  private @Nullable RuleFailure failure;

  /** Whether the rule that answers need not wait for the rest of the transaction. */
  private boolean ruledOut;

  private boolean answering;

  private Explanations(@Nullable String only) {
    this.only = only;
  }

  /** Of all rules, each for what it listens to. */
  public static Explanations ofAll() {
    return new Explanations(null);
  }

  /** Of one rule; changes of what it does not listen to are explained too. */
  public static Explanations of(String rule) {
    return new Explanations(rule);
  }

  /** Evaluates on this thread, and notes why the rules do what they do. */
  public <T> T noting(Supplier<T> evaluation) {
    Workspace workspace = Workspace.ofThread();
    workspace.explanations = this;
    try {
      return evaluation.get();
    } finally {
      workspace.explanations = null;
      asked.clear();
    }
  }

  /** What was noted since the last call, in the order in which it was decided. */
  public List<Explanation> take() {
    List<Explanation> taken = List.copyOf(noted);
    noted.clear();
    return taken;
  }

  /** Notes for what each rule with {@code while} still waits at a time. */
  public void waiting(RuleSet rules, Instant now, Memory memory) {
    for (CompiledRule rule : wanted(rules)) {
      Episodes episodes = rule.episodes();
      if (episodes != null) {
        noted.add(new TimeExplainer(rule, episodes).waiting(memory, now));
      }
    }
  }

  private List<CompiledRule> wanted(RuleSet rules) {
    List<CompiledRule> wanted = new ArrayList<>();
    for (RuleCounter counter : rules.counters()) {
      CompiledRule rule = rules.rule(counter.rule());
      if (rule != null && isWanted(rule)) {
        wanted.add(rule);
      }
    }
    return wanted;
  }

  private boolean isWanted(CompiledRule rule) {
    return only == null || only.equals(rule.name());
  }

  /** A rule is asked about a change. */
  @Nullable Outcome ask(
      CompiledRule rule, Change change, Memory memory, Supplier<@Nullable Outcome> answer) {
    if (!isWanted(rule)) {
      return answer.get();
    }
    if (!memory.transaction().isReadToItsEnd()) {
      asked.add(rule.name());
    }
    RuleExplainer explainer = new RuleExplainer(rule, change, memory);
    int held = memory.transaction().held().size();
    Outcome outcome = answered(answer);
    if (memory.transaction().held().size() == held) {
      noted.add(ruledOut ? explainer.ruledOut() : explainer.explanation(outcome, failure));
    }
    return outcome;
  }

  /** A state of a rule is due. */
  @Nullable Outcome elapsed(
      CompiledRule rule, RuleMemory.Due due, Supplier<@Nullable Outcome> answer) {
    Episodes episodes = rule.episodes();
    if (episodes == null || !isWanted(rule)) {
      return answer.get();
    }
    TimeExplainer explainer = new TimeExplainer(rule, episodes);
    RuleMemory.Due seen = new RuleMemory.Due(due.at(), due.body().duplicate());
    Outcome outcome = answered(answer);
    noted.add(explainer.elapsed(seen, outcome, failure));
    return outcome;
  }

  private @Nullable Outcome answered(Supplier<@Nullable Outcome> answer) {
    failure = null;
    ruledOut = false;
    answering = true;
    try {
      return answer.get();
    } finally {
      answering = false;
    }
  }

  /** The rule that answers failed. */
  void failed(RuleFailure what) {
    if (answering) {
      failure = what;
    }
  }

  /** The rule that answers makes nothing, whatever the rest of the transaction brings. */
  void ruledOut() {
    ruledOut = answering;
  }

  /** A change waited for the commit, and its transaction has become too large for it to fire. */
  void givenUp(CompiledRule rule, Change change, Memory memory) {
    if (isWanted(rule)) {
      noted.add(new RuleExplainer(rule, change, memory).ruledOut());
    }
  }

  /** A rule could not be asked at all. */
  void refused(CompiledRule rule, Change change, RuleFailure what) {
    if (isWanted(rule)) {
      noted.add(new RuleExplainer(rule, change, new Memory()).explanation(null, what));
    }
  }

  /** All rules that may do something for a change were asked; of the others it is noted why not. */
  void passed(Change change, RuleSet rules, Memory memory) {
    for (CompiledRule rule : wanted(rules)) {
      if ((only != null || rule.isOf(change)) && !asked.contains(rule.name())) {
        noted.add(new RuleExplainer(rule, change, memory).explanation(null, null));
      }
    }
    asked.clear();
  }
}
