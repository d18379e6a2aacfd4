package io.rowbell.engine;

import io.rowbell.engine.config.ConfigException;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.language.Compilation;
import io.rowbell.language.Explanation;
import io.rowbell.language.Explanation.Reason;
import io.rowbell.language.Explanations;
import io.rowbell.language.Notice;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleCounter;
import io.rowbell.language.RuleSet;
import io.rowbell.language.Transactions;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says why a rule fires for changes, or does not, beside a pipeline that runs or without one:
 * changes as they are committed, changes that the pipeline has not confirmed, or changes that are
 * written down.
 *
 * <p>It goes on where the journal ends, as an engine that is started there would, with all rules
 * and what they remember; nothing is written. For one thread.
 */
public final class Explainer implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(200);

  private final Source source;
  private final EngineConfig config;
  private final String rule;
  private final RuleCompiler compiler;
  private final Explanations why;
  private final Set<String> notes = new LinkedHashSet<>();
  private Catalog catalog;
  private RuleSet rules;
  private int largestState = Integer.MAX_VALUE;
  private @Nullable ChangeWatch watch;
  private @Nullable Transactions transactions;

  private Explainer(Source source, String rule, RuleCompiler compiler, EngineConfig config)
      throws SourceException, InterruptedException {
    this.source = source;
    this.config = config;
    this.rule = rule;
    this.compiler = compiler;
    this.why = Explanations.of(rule);
    this.catalog = source.catalog();
    this.rules = compiled(compiler.compileWhatFits(catalog, catalog));
    require();
  }

  /**
   * Compiles the rules against the live tables; as in an engine, those in shadow that do not fit
   * keep no other from being explained.
   *
   * @param rule the name of a rule
   * @throws EngineException if there is no such rule, it or a live rule cannot be used, or the
   *     database cannot be asked
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
    String misfit = Misfits.of(rules).get(rule);
    if (misfit != null) {
      throw new EngineException(
          ExitCode.CONFIGURATION,
          "rule '"
              + rule
              + "' is in shadow and does not fit the tables, so that nothing evaluates it:\n"
              + misfit,
          null);
    }
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

  /** What the journal holds and takes, if what the rule does depends on that. */
  private Resume peek() throws InterruptedException {
    if (!rules.remembers(rule)) {
      return Resume.NEW;
    }
    try {
      Resume resume = config.journal().peek(config.context()).orElse(Resume.NEW);
      largestState = config.journal().largestState(config.context());
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

  /**
   * What one should know when reading the explanations, in the order in which it became known: what
   * a transaction says about itself and cannot be used, too.
   */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /**
   * Explains a change that is written down, as {@link GivenChange} reads it: a transaction of its
   * own.
   *
   * @param before the row before an update; null if it is not given
   * @param last some values of the row that the rule remembers, in place of what the journal has;
   *     null for that
   * @return the change, and what was due of its key before it
   * @throws EngineException if it is no change of a table
   */
  public List<Explanation> given(
      String change, @Nullable String before, @Nullable String last, InstantSource clock)
      throws InterruptedException {
    Problems problems = new Problems();
    GivenChange reader = new GivenChange(catalog, problems);
    Origin now = new Origin(1, clock.instant(), Position.ZERO, 0, null);
    Change read = reader.read(change, before, now);
    Map<String, byte[]> state = last == null ? peek().state() : Map.of();
    Memory known = rules.recall(state, largestState);
    known.transaction().end();
    if (read != null && last != null) {
      if (!rules.remembers(rule)) {
        throw new EngineException(
            ExitCode.USAGE, "rule '" + rule + "' remembers nothing: leave --last out", null);
      }
      // The first change of a key is remembered, whether the rule listens to it or not.
      Change earlier = reader.earlier(read, last, now);
      if (earlier != null) {
        rules.transaction(List.of(earlier), known);
      }
    }
    if (read == null || problems.hasErrors()) {
      throw new EngineException(
          ExitCode.USAGE,
          problems.issues().stream().map(Issue::render).collect(Collectors.joining("\n")),
          null);
    }
    why.noting(() -> rules.transaction(List.of(read), known));
    List<Explanation> explanations = why.take();
    String key = explanations.get(explanations.size() - 1).change().key();
    return explanations.stream()
        .filter(each -> each.reason() != Reason.TIME || Objects.equals(each.change().key(), key))
        .toList();
  }

  /**
   * Begins with the changes that are committed from now on; {@link #next} explains them. What was
   * committed before and is not in the journal yet is read first, if the rule remembers anything.
   *
   * @param patience how long that may take
   * @throws EngineException if it takes longer
   */
  public void follow(Duration patience) throws InterruptedException {
    if (!rules.remembers(rule)) {
      begin(ChangeWatch.Since.NOW);
      return;
    }
    ChangeWatch watching;
    try {
      watching = begin(ChangeWatch.Since.CONFIRMED);
    } catch (EngineException e) {
      begin(ChangeWatch.Since.NOW);
      notes.add(
          "what was committed before now and is not in the journal is not known: "
              + e.getMessage());
      return;
    }
    long end = System.nanoTime() + patience.toNanos();
    do {
      if (end - System.nanoTime() <= 0) {
        throw new EngineException(
            ExitCode.CHECK_FAILED,
            "reading what the pipeline has not confirmed yet took longer than "
                + patience.toSeconds()
                + " s: let the pipeline catch up, or wait longer",
            null);
      }
      List<Explanation> unused = explanations(LOOK);
    } while (!watching.caughtUp());
  }

  /**
   * Explains the next changes of what the rule listens to, and what is due meanwhile.
   *
   * @return empty if none came within that time
   */
  public List<Explanation> next(Duration wait) throws InterruptedException {
    return explanations(wait).stream().filter(Explainer::isOfRule).toList();
  }

  /** Whether a change is of what the rule listens to. */
  private static boolean isOfRule(Explanation explanation) {
    return explanation.reason() != Reason.OTHER_TABLE;
  }

  /**
   * Explains the change at a position that the pipeline has not confirmed.
   *
   * @return several if one row made several changes, as a changed key does
   * @throws EngineException if there is no such change any more
   */
  public List<Explanation> at(Position position) throws InterruptedException {
    ChangeWatch watching = begin(ChangeWatch.Since.CONFIRMED);
    List<Explanation> found;
    do {
      found =
          explanations(LOOK).stream()
              .filter(each -> position.equals(each.change().position()))
              .filter(each -> each.reason() != Reason.TIME)
              .toList();
    } while (found.isEmpty() && !watching.caughtUp());
    if (found.isEmpty()) {
      throw new EngineException(
          ExitCode.CHECK_FAILED,
          "there is no change at "
              + position
              + " that the pipeline has not confirmed: it was confirmed, or it is of nothing that a"
              + " rule listens to. What was confirmed PostgreSQL gives out no more: write the change"
              + " down with --change",
          null);
    }
    return found;
  }

  /** Begins where the journal ends, which is read when nothing after it can be missed any more. */
  private ChangeWatch begin(ChangeWatch.Since since) throws InterruptedException {
    if (watch != null) {
      watch.close();
    }
    try {
      ChangeWatch opened = source.watch(rules.requirements(), since);
      watch = opened;
      Resume resume = peek();
      Checkpoint end = resume.checkpoint();
      Memory memory = rules.recall(resume.state(), largestState);
      if (since == ChangeWatch.Since.CONFIRMED && end != null) {
        opened.after(end);
      } else {
        // Transactions are read from their beginnings.
        memory.transaction().end();
      }
      transactions = new Transactions(new Versions(), memory);
      return opened;
    } catch (SourceException e) {
      throw Failures.of(e);
    }
  }

  private List<Explanation> explanations(Duration wait) throws InterruptedException {
    try {
      List<Change> changes = Objects.requireNonNull(watch, "a watch comes first").poll(wait);
      Transactions own = Objects.requireNonNull(transactions, "they begin with the watch");
      why.noting(() -> own.evaluate(changes, /* open= */ false));
      List<Notice> notices = own.takeNotices();
      List<Explanation> explanations = why.take();
      if (explanations.stream().anyMatch(Explainer::isOfRule)) {
        notices.forEach(notice -> notes.add(notice.code() + " " + notice.text()));
      }
      return explanations;
    } catch (SourceException e) {
      throw Failures.of(e);
    }
  }

  /** A table that was altered is compiled for again. */
  private final class Versions implements Transactions.Rules {
    @Override
    public RuleSet of(Change change) {
      if (change instanceof Change.TableChange row && !rules.knows(row.table())) {
        catalog = catalog.with(row.table());
        rules = compiled(compiler.compileWhatFits(catalog, catalog));
        require();
      }
      return rules;
    }

    @Override
    public RuleSet current() {
      return rules;
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
