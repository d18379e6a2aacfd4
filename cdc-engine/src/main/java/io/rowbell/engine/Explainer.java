package io.rowbell.engine;

import io.rowbell.engine.config.ConfigException;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.language.Compilation;
import io.rowbell.language.Explanation;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleCounter;
import io.rowbell.language.RuleSet;
import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.memory.Memory;
import io.rowbell.language.testing.GivenChange;
import io.rowbell.model.Catalog;
import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.spi.ChangeWatch;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says why a rule fires for changes, or does not, beside a pipeline that runs or without one:
 * changes as they are committed, changes that the pipeline has not confirmed, or changes that are
 * written down. What the rule remembers is read from the journal and from then on kept here;
 * nothing is written. For one thread.
 */
public final class Explainer implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(200);

  private final Source source;
  private final String rule;
  private final RuleCompiler compiler;
  private final List<String> notes = new ArrayList<>();
  private Catalog catalog;
  private RuleSet rules;
  private Memory memory;
  private @Nullable Checkpoint remembered;
  private @Nullable ChangeWatch watch;

  private Explainer(Source source, String rule, RuleCompiler compiler, EngineConfig config)
      throws SourceException, InterruptedException {
    this.source = source;
    this.rule = rule;
    this.compiler = compiler;
    this.catalog = source.catalog();
    this.rules = compiled(compiler.compile(catalog));
    require();
    Resume resume = rules.remembers(rule) ? peek(config) : Resume.NEW;
    this.memory = rules.recall(resume.state());
    // Transactions are read here from their beginnings.
    this.memory.transaction().end();
    this.remembered = resume.checkpoint();
  }

  /**
   * Compiles the rules against the live tables and reads the journal.
   *
   * @param rule the name of a rule
   * @throws EngineException if there is no such rule, a rule cannot be used, or the database cannot
   *     be asked
   */
  public static Explainer open(EngineConfig config, String rule) throws InterruptedException {
    Source source;
    try {
      source = config.source().open(config.context());
    } catch (ConfigException e) {
      throw Failures.of(e);
    }
    try {
      RuleCompiler compiler =
          new RuleCompiler(RuleBook.files(config), source.database(), RuleBook.hash(config));
      return new Explainer(source, rule, compiler, config);
    } catch (SourceException e) {
      source.close();
      throw Failures.of(e);
    } catch (RuntimeException | InterruptedException e) {
      source.close();
      throw e;
    }
  }

  private static RuleSet compiled(Compilation compilation) {
    return compilation
        .rules()
        .orElseThrow(
            () ->
                new EngineException(
                    ExitCode.CONFIGURATION,
                    "the rules cannot be used:\n" + compilation.render(),
                    null));
  }

  private void require() {
    List<String> names = rules.counters().stream().map(RuleCounter::rule).toList();
    if (!names.contains(rule)) {
      String help =
          Suggestions.didYouMean(rule, names).orElse("the rules are " + String.join(", ", names));
      throw new EngineException(
          ExitCode.USAGE,
          "there is no rule '" + rule + "' that is enabled\n    = help: " + help,
          null);
    }
  }

  private Resume peek(EngineConfig config) throws InterruptedException {
    try {
      Resume resume = config.journal().peek(config.context()).orElse(Resume.NEW);
      Checkpoint end = resume.checkpoint();
      notes.add(
          end == null
              ? "there is no journal yet: the rule remembers nothing, and 'last' is empty"
              : "what the rule remembers is as the journal has it at " + end);
      return resume;
    } catch (JournalException e) {
      notes.add(
          "the journal cannot be read, so the rule remembers nothing, and 'last' is empty: "
              + e.getMessage());
      return Resume.NEW;
    } catch (ConfigException e) {
      throw Failures.of(e);
    }
  }

  /** What one should know when reading the explanations. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /**
   * Explains a change that is written down, as {@link GivenChange} reads it.
   *
   * @param before the row before an update; null if it is not given
   * @param last some values of the row that the rule remembers, in place of what the journal has;
   *     null for that
   * @throws EngineException if it is no change of a table
   */
  public Explanation given(
      String change, @Nullable String before, @Nullable String last, InstantSource clock) {
    Problems problems = new Problems();
    GivenChange reader = new GivenChange(catalog, problems);
    Origin now = new Origin(0, clock.instant(), Position.ZERO, 0, null);
    Change read = reader.read(change, before, now);
    Memory known = memory;
    if (read != null && last != null) {
      if (!rules.remembers(rule)) {
        throw new EngineException(
            ExitCode.USAGE, "rule '" + rule + "' remembers nothing: leave --last out", null);
      }
      // The first change of a key is remembered, whether the rule listens to it or not.
      known = new Memory();
      Change earlier = reader.earlier(read, last, now);
      if (earlier != null) {
        rules.evaluate(earlier, known);
      }
    }
    if (read == null || problems.hasErrors()) {
      throw new EngineException(
          ExitCode.USAGE,
          problems.issues().stream().map(Issue::render).collect(Collectors.joining("\n")),
          null);
    }
    return rules.explain(rule, read, known);
  }

  /** Begins with the changes that are committed from now on; {@link #next} explains them. */
  public void follow() throws InterruptedException {
    watch(ChangeWatch.Since.NOW);
  }

  /**
   * Explains the next changes of what the rule listens to.
   *
   * @return empty if none came within that time
   */
  public List<Explanation> next(Duration wait) throws InterruptedException {
    List<Explanation> explanations = new ArrayList<>();
    for (List<Change> transaction : transactions(poll(wait))) {
      explanations.addAll(explain(transaction, change -> rules.concerns(rule, change)));
    }
    return explanations;
  }

  /**
   * Explains the change at a position that the pipeline has not confirmed.
   *
   * @return several if one row made several changes, as a changed key does
   * @throws EngineException if there is no such change any more
   */
  public List<Explanation> at(Position position) throws InterruptedException {
    ChangeWatch watching = watch(ChangeWatch.Since.CONFIRMED);
    List<Explanation> explanations = new ArrayList<>();
    do {
      for (List<Change> transaction : transactions(poll(LOOK))) {
        explanations.addAll(
            explain(transaction, change -> change.origin().position().equals(position)));
      }
    } while (explanations.isEmpty() && !watching.caughtUp());
    if (explanations.isEmpty()) {
      throw new EngineException(
          ExitCode.CHECK_FAILED,
          "there is no change at "
              + position
              + " that the pipeline has not confirmed: it was confirmed, or it is of nothing that a"
              + " rule listens to. What was confirmed PostgreSQL gives out no more: write the change"
              + " down with --change",
          null);
    }
    return explanations;
  }

  private ChangeWatch watch(ChangeWatch.Since since) throws InterruptedException {
    try {
      ChangeWatch opened = source.watch(rules.requirements(), since);
      watch = opened;
      return opened;
    } catch (SourceException e) {
      throw Failures.of(e);
    }
  }

  private List<Change> poll(Duration wait) throws InterruptedException {
    try {
      return Objects.requireNonNull(watch, "follow() comes first").poll(wait);
    } catch (SourceException e) {
      throw Failures.of(e);
    }
  }

  /** Each transaction by itself; a change that belongs to none stands alone. */
  private static List<List<Change>> transactions(List<Change> changes) {
    List<List<Change>> transactions = new ArrayList<>();
    long last = 0;
    for (Change change : changes) {
      long xid = change.origin().xid();
      if (xid == 0 || xid != last) {
        transactions.add(new ArrayList<>());
      }
      transactions.get(transactions.size() - 1).add(change);
      last = xid;
    }
    return transactions;
  }

  /** Explains the wanted changes of a transaction, each with what those before it left behind. */
  private List<Explanation> explain(List<Change> transaction, Predicate<Change> wanted) {
    transaction.forEach(this::fit);
    List<Explanation> explanations = new ArrayList<>();
    Memory between = transaction.size() == 1 ? memory : memory.copyOf(rule);
    for (Change change : transaction) {
      if (wanted.test(change)) {
        explanations.add(rules.explain(rule, change, transaction, between));
      }
      if (transaction.size() > 1 && rules.concerns(rule, change)) {
        rules.evaluate(change, between);
      }
    }
    remember(transaction);
    return explanations;
  }

  /** A table that was altered is compiled for again. */
  private void fit(Change change) {
    if (change instanceof Change.TableChange row && !rules.knows(row.table())) {
      catalog = catalog.with(row.table());
      rules = compiled(compiler.compile(catalog));
    }
  }

  /** What the journal has seen already is remembered already. */
  private void remember(List<Change> transaction) {
    Position position = transaction.get(transaction.size() - 1).origin().position();
    Checkpoint end = remembered;
    if (end == null || position.compareTo(end.position()) >= 0) {
      rules.transaction(transaction, memory);
    }
  }

  @Override
  public void close() {
    if (watch != null) {
      watch.close();
    }
    source.close();
  }
}
