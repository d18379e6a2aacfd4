package io.rowbell.language;

import io.rowbell.language.contract.RuleOutput;
import io.rowbell.language.memory.Memory;
import io.rowbell.language.memory.OpenTransaction;
import io.rowbell.language.memory.RuleMemory;
import io.rowbell.model.Change;
import io.rowbell.model.Requirements;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rules, checked against the tables they name and ready to run.
 *
 * <p>Immutable but for its counters; safe for any number of threads. A rule that cannot match a
 * change costs nothing: rules are found by table and operation, those of an update also by the
 * columns that changed. A rule that fails never stops the others.
 *
 * <p>It holds for the versions of the tables that it was compiled against. When a change brings
 * another one, {@link #knows} says no: compile the rules again with {@code catalog.with(table)}.
 */
public final class RuleSet {
  private final Map<TableId, TableRules> byTable;
  private final Map<String, CompiledRule[]> byPrefix;
  private final List<RuleBinder.Bound> bound;
  private final List<RuleCounter> counters;
  private final List<CompiledRule> rules;
  private final List<CompiledRule> lasting;
  private final List<ShadowRule> shadows;
  private final boolean leavesOut;
  private final Map<String, Set<String>> skippedWith;
  private final Map<String, CompiledRule> byName = new HashMap<>();
  private final Map<TableId, ChildTable> children;
  private final Set<String> childTables;

  /** The tables that rules read, and whether a live one is among these. */
  private final Map<TableId, Boolean> tables = new HashMap<>();

  private final boolean waits;

  /** Rules that are false of a transaction with so many changes, by the first such number. */
  private final Map<Long, List<CompiledRule>> givenUpAt = new HashMap<>();

  private final Requirements requirements;
  private final String fingerprint;
  private final List<EventShape> shapes;

  /**
   * @param bound the enabled rules, in the order of the files
   * @param misfits rules in shadow that do not fit the tables: they are only told of
   * @param fingerprint of the declarations
   */
  RuleSet(List<RuleBinder.Bound> bound, List<Shadowing.Misfit> misfits, String fingerprint) {
    this.bound = List.copyOf(bound);
    this.fingerprint = fingerprint;
    counters = bound.stream().map(rule -> rule.rule().counter()).toList();
    Map<TableSchema, List<CompiledRule>> ofTables = new HashMap<>();
    Map<String, List<CompiledRule>> prefixes = new HashMap<>();
    for (RuleBinder.Bound rule : bound) {
      if (rule.table() != null) {
        ofTables.computeIfAbsent(rule.table(), t -> new ArrayList<>()).add(rule.rule());
        read(rule.table(), rule.rule());
      } else if (rule.prefix() != null) {
        prefixes.computeIfAbsent(rule.prefix(), p -> new ArrayList<>()).add(rule.rule());
      }
      rule.rule().keeping().children().forEach(child -> read(child.table(), rule.rule()));
    }
    byTable = new HashMap<>();
    ofTables.forEach((table, rules) -> byTable.put(table.id(), new TableRules(table, rules)));
    byPrefix = new HashMap<>();
    prefixes.forEach((prefix, rules) -> byPrefix.put(prefix, rules.toArray(CompiledRule[]::new)));
    rules = bound.stream().map(RuleBinder.Bound::rule).toList();
    lasting = rules.stream().filter(rule -> rule.episodes() != null).toList();
    rules.forEach(rule -> byName.put(rule.name(), rule));
    waits = rules.stream().anyMatch(rule -> rule.keeping().untilCommit());
    for (CompiledRule rule : rules) {
      if (rule.mostChanges() < Long.MAX_VALUE) {
        givenUpAt.computeIfAbsent(rule.mostChanges() + 1, n -> new ArrayList<>()).add(rule);
      }
    }
    Map<TableSchema, Set<String>> childColumns = RuleRequirements.childColumns(bound);
    children = new HashMap<>();
    Set<TableId> liveChildren =
        rules.stream()
            .filter(rule -> !rule.isShadow())
            .flatMap(rule -> rule.keeping().children().stream())
            .map(child -> child.table().id())
            .collect(Collectors.toSet());
    childColumns.forEach(
        (table, names) -> {
          boolean shadow = !liveChildren.contains(table.id());
          children.put(table.id(), new ChildTable(table, names, shadow));
        });
    childTables =
        children.keySet().stream().map(TableId::toString).collect(Collectors.toUnmodifiableSet());
    shadows = Shadowing.of(bound, misfits);
    leavesOut = shadows.stream().anyMatch(shadow -> shadow.misfit() != null);
    skippedWith = skippedWith(rules, shadows);
    requirements = RuleRequirements.of(bound, childColumns, leavesOut);
    shapes = bound.stream().flatMap(rule -> EventShape.of(rule).stream()).toList();
  }

  /**
   * Whether changes of this version of a table can be evaluated: it is the one the rules were
   * compiled against, or no rule names the table. Cheap enough to ask of every change.
   */
  public boolean knows(TableSchema table) {
    TableRules rules = byTable.get(table.id());
    ChildTable child = children.isEmpty() ? null : children.get(table.id());
    return (rules == null || rules.knows(table)) && (child == null || child.knows(table));
  }

  /**
   * What the rules make of a transaction.
   *
   * @param changes all of it, in its order; several transactions may follow each other
   * @param memory what they remember of the changes before
   * @throws IllegalStateException if a table is of a version that {@link #knows} refuses
   */
  public List<Outcome> transaction(List<Change> changes, Memory memory) {
    return Transactions.of(this, memory).evaluate(changes, /* open= */ false);
  }

  /** The child tables that rules read, as {@code schema.table}. */
  Set<String> childTables() {
    return childTables;
  }

  /**
   * The names of the enabled rules, each with those of the rules that a transaction skips with it:
   * itself, and the rules in shadow that are compared with it.
   */
  Map<String, Set<String>> skippedWith() {
    return skippedWith;
  }

  private static Map<String, Set<String>> skippedWith(
      List<CompiledRule> rules, List<ShadowRule> shadows) {
    Map<String, Set<String>> skipped = new HashMap<>();
    rules.forEach(rule -> skipped.put(rule.name(), new TreeSet<>(Set.of(rule.name()))));
    for (ShadowRule shadow : shadows) {
      Set<String> withLive = shadow.live() == null ? null : skipped.get(shadow.live());
      if (withLive != null) {
        withLive.add(shadow.rule());
      }
    }
    return skipped;
  }

  /** The tables that a live rule reads, and not only rules in shadow. */
  public Set<TableId> tablesOfLiveRules() {
    return tables.keySet().stream().filter(this::isReadByLiveRules).collect(Collectors.toSet());
  }

  private void read(TableSchema table, CompiledRule rule) {
    tables.merge(table.id(), !rule.isShadow(), Boolean::logicalOr);
  }

  private boolean isReadByLiveRules(TableId table) {
    return tables.getOrDefault(table, false);
  }

  @Nullable CompiledRule rule(String name) {
    return byName.get(name);
  }

  /**
   * One row more was changed, which counts if a rule reads its table: what is of no use in a
   * transaction of so many is not kept on.
   */
  void count(Change.TableChange change, Memory memory) {
    if (!listensTo(change)) {
      return;
    }
    boolean live = isReadByLiveRules(change.table().id());
    memory.transaction().count(live);
    if (!givenUpAt.isEmpty()) {
      if (live) {
        giveUp(memory, /* shadow= */ false);
      }
      giveUp(memory, /* shadow= */ true);
    }
  }

  private void giveUp(Memory memory, boolean shadow) {
    long changes = memory.transaction().changes(shadow);
    for (CompiledRule rule : givenUpAt.getOrDefault(changes, List.of())) {
      if (rule.isShadow() == shadow) {
        rule.giveUp(memory);
      }
    }
  }

  /** Keeps a row that a rule may read when the transaction has been read to its end. */
  void keepChild(Change.TableChange change, OpenTransaction transaction) {
    ChildTable child = children.isEmpty() ? null : children.get(change.table().id());
    if (child != null && !transaction.skipsAll()) {
      child.keep(change, transaction);
    }
  }

  /**
   * What the rules make of a change, as if its transaction had made no other: {@link
   * #transaction(List, Memory)} is for those with more.
   *
   * @param memory what they remember of the changes before; those that have none leave it alone
   * @return in the order of the files; empty, and the same list always, if no rule fires or fails
   * @throws IllegalStateException if the change's table is of a version that {@link #knows} refuses
   */
  public List<Outcome> evaluate(Change change, Memory memory) {
    return waits && change.origin().xid() != 0
        ? transaction(List.of(change), memory)
        : evaluateAlone(change, memory);
  }

  /** What the rules make of a change that belongs to no transaction, or that need none. */
  List<Outcome> evaluateAlone(Change change, Memory memory) {
    if (change instanceof Change.Message && change.origin().xid() == 0) {
      // Its time is that of its reading: commits that come after it may be older.
      return of(change, memory);
    }
    List<Outcome> due = elapse(change.origin().commitTime(), memory);
    List<Outcome> made = of(change, memory);
    if (due.isEmpty()) {
      return made;
    }
    List<Outcome> both = new ArrayList<>(due);
    both.addAll(made);
    return both;
  }

  /** Whether a change is of a table or of messages that some rule names. */
  public boolean listensTo(Change change) {
    return change instanceof Change.TableChange row
        ? tables.containsKey(row.table().id())
        : change instanceof Change.Message message && byPrefix.containsKey(message.prefix());
  }

  /**
   * Whether what a rule does depends on what came before.
   *
   * @throws IllegalArgumentException if there is no such rule
   */
  public boolean remembers(String rule) {
    CompiledRule found = known(rule);
    return found.memories().any();
  }

  private CompiledRule known(String name) {
    CompiledRule found = byName.get(name);
    if (found == null) {
      throw new IllegalArgumentException("there is no rule '" + name + "'");
    }
    return found;
  }

  /**
   * What is due at a time, of rules with {@code for}.
   *
   * @param now a time before which every commit has been evaluated
   * @return the earliest first; empty, and the same list always, if nothing is due
   */
  public List<Outcome> elapse(Instant now, Memory memory) {
    if (lasting.isEmpty() || !memory.mayBeDue(now)) {
      return List.of();
    }
    record DueRule(CompiledRule rule, RuleMemory.Due due) {}
    List<DueRule> all = new ArrayList<>();
    for (CompiledRule rule : lasting) {
      Episodes episodes = Objects.requireNonNull(rule.episodes());
      episodes.of(memory).due(now).forEach(due -> all.add(new DueRule(rule, due)));
    }
    all.sort(Comparator.comparing(each -> each.due().at()));
    Workspace workspace = Workspace.ofThread();
    List<Outcome> outcomes = new ArrayList<>();
    for (DueRule each : all) {
      Outcome outcome = each.rule().due(each.due(), workspace, memory);
      if (outcome != null) {
        outcomes.add(outcome);
      }
    }
    return outcomes;
  }

  /** What the rules make of a change at once. */
  List<Outcome> of(Change change, Memory memory) {
    List<Outcome> outcomes = null;
    if (change instanceof Change.TableChange row) {
      TableSchema table = row.table();
      TableRules rules = byTable.get(table.id());
      if (rules != null) {
        if (!rules.knows(table)) {
          throw new IllegalStateException(
              "the rules were compiled against another version of " + table.id());
        }
        outcomes = rules.evaluate(change, memory);
      }
    } else if (change instanceof Change.Message message) {
      CompiledRule[] rules = byPrefix.get(message.prefix());
      outcomes = rules == null ? null : TableRules.evaluateAll(change, rules, memory);
    }
    return outcomes == null ? List.of() : outcomes;
  }

  /**
   * Begins with what a journal holds of an earlier run. What rules that changed or are gone had
   * remembered is forgotten, see {@link Memory#takeRestarted}.
   *
   * @param entries the journal's named values
   */
  public Memory recall(Map<String, byte[]> entries) {
    return recall(entries, Integer.MAX_VALUE);
  }

  /**
   * The same.
   *
   * @param largestEntry how many bytes of one key the journal takes: what would be more is the
   *     rule's failure
   */
  public Memory recall(Map<String, byte[]> entries, int largestEntry) {
    Memory memory = new Memory(entries, largestEntry);
    rules.forEach(rule -> rule.memories().open(memory));
    memory.forgetOthers();
    return memory;
  }

  /** What the enabled rules publish, in the order of the files: see {@link RuleOutput}. */
  public List<RuleOutput> outputs() {
    return RuleOutputs.of(bound);
  }

  /**
   * Which of the enabled rules lose what they remember when they take the place of earlier ones of
   * their names.
   */
  public List<String> restarted(RuleSet earlier) {
    return rules.stream()
        .filter(
            rule ->
                earlier.rules.stream()
                    .anyMatch(
                        old ->
                            old.name().equals(rule.name())
                                && !old.memories().bonds().isEmpty()
                                && !rule.memories().bonds().containsAll(old.memories().bonds())))
        .map(CompiledRule::name)
        .toList();
  }

  /** What the enabled rules need of the database. */
  public Requirements requirements() {
    return requirements;
  }

  /**
   * A hash of what the enabled rules say: the same for the same rules whatever their files' names,
   * order, comments and layout, and whatever columns were added to their tables.
   */
  public String fingerprint() {
    return fingerprint;
  }

  /**
   * The enabled rules with {@code mode: shadow}, in the order of the files; then those that do not
   * fit the tables and were left out.
   */
  public List<ShadowRule> shadows() {
    return shadows;
  }

  /** Whether one of {@link #shadows} does not fit the tables and was left out. */
  public boolean leavesOut() {
    return leavesOut;
  }

  /** What is known of the enabled rules' events before there are any. */
  public List<EventShape> shapes() {
    return shapes;
  }

  /** The counters of the enabled rules, in the order of the files. */
  public List<RuleCounter> counters() {
    return counters;
  }
}
