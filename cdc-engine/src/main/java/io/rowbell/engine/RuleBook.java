package io.rowbell.engine;

import io.rowbell.engine.config.EngineConfig;
import io.rowbell.engine.config.TextFile;
import io.rowbell.language.Compilation;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleCounter;
import io.rowbell.language.RuleFile;
import io.rowbell.language.RuleSet;
import io.rowbell.language.Transactions;
import io.rowbell.language.expression.KeyedHash;
import io.rowbell.language.issue.Issue;
import io.rowbell.model.Catalog;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Requirements;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules in force, compiled against the tables as they are at this place of the stream: a table
 * that is altered while running is compiled for again, and other rules may take their place. One
 * thread evaluates and changes the rules in force; any may read them, and draft others.
 */
final class RuleBook implements Transactions.Rules {
  private static final Logger LOG = LoggerFactory.getLogger(RuleBook.class);

  private final DatabaseId database;
  private volatile RuleCompiler compiler;
  private volatile Catalog catalog;

  /** The tables by which private columns are known: also those that are not sent. */
  private volatile Catalog whole;

  private volatile RuleSet rules;

  /**
   * Rules that were read anew, and what they were compiled against.
   *
   * @param seen the tables as the stream saw them then
   * @param live the tables as they were in the database
   * @param tables those of both that the rules were compiled against
   * @param whole the same with the columns that are not sent
   * @param fitsLive whether the rules fit the tables as they are, whatever the stream still brings
   */
  record Draft(
      RuleCompiler compiler,
      Catalog seen,
      Catalog live,
      Catalog tables,
      Catalog whole,
      Compilation compilation,
      boolean fitsLive) {}

  /** Tables, and what came of rules that were compiled against them. */
  private record Start(Catalog catalog, Compilation compilation) {
    boolean isUsable() {
      return compilation.rules().filter(rules -> !rules.counters().isEmpty()).isPresent();
    }
  }

  private RuleBook(DatabaseId database, RuleCompiler compiler, Start start) {
    this.database = database;
    this.compiler = compiler;
    this.catalog = start.catalog();
    this.whole = start.catalog();
    this.rules = compiled(start.compilation(), "the rules cannot be used");
    Misfits.tell(Map.of(), Misfits.of(rules));
  }

  /**
   * Compiles the configured rule files: against the live tables, or, if they do not fit those,
   * against the tables as the rows that come next are written. The journal tells of them, so the
   * source is claimed and the journal opened for a moment. Where there is a position, rules in
   * shadow that fit neither are left out: they keep no live one from going on.
   *
   * @throws EngineException if they cannot be used: every issue of every file
   * @throws SourceException if the database cannot be asked
   * @throws JournalException if the journal had to be asked and cannot be
   */
  static RuleBook compile(EngineConfig config, Source source)
      throws SourceException, JournalException, InterruptedException {
    KeyedHash hash = hash(config);
    List<RuleFile> files = files(config);
    DatabaseId database = source.database();
    RuleCompiler compiler = new RuleCompiler(files, database, hash);
    Catalog live = source.catalog();
    Compilation now = compiler.compile(live);
    Start start = new Start(live, now);
    RuleBook book =
        new RuleBook(
            database, compiler, fits(now) ? start : goingOn(config, source, compiler, start));
    if (book.rules.counters().isEmpty()) {
      throw new EngineException(
          ExitCode.CONFIGURATION,
          "no rule is enabled in " + config.rules() + ": there is nothing to do",
          null);
    }
    return book;
  }

  private static boolean fits(Compilation compilation) {
    return compilation.rules().isPresent();
  }

  /** How to go on from the journal's position; what cannot be used if there is no way. */
  private static Start goingOn(
      EngineConfig config, Source source, RuleCompiler compiler, Start unusable)
      throws SourceException, JournalException, InterruptedException {
    Catalog live = unusable.catalog();
    Compilation now = unusable.compilation();
    if (now.issues().stream().anyMatch(RuleBook::isOfForm)) {
      return unusable;
    }
    source.claim();
    Resume resume;
    try (Journal journal = config.journal().open(config.context())) {
      resume = journal.resume();
    }
    if (!source.database().equals(resume.database())) {
      return unusable;
    }
    Catalog next = source.catalog(resume);
    Start behind = new Start(next, compiler.compile(next));
    Start spared = new Start(live, compiler.compileWhatFits(live, live));
    if (!behind.isUsable()) {
      if (spared.isUsable()) {
        return spared;
      }
      behind = new Start(next, compiler.compileWhatFits(next, next));
      if (!behind.isUsable()) {
        return unusable;
      }
    }
    if (!spared.isUsable()) {
      LOG.warn(
          "the rules fit the rows that come next, but not the tables as they are now: the pipeline"
              + " stops where a table was altered, and rules that fit it then go on from there:\n{}",
          now.render());
    }
    return behind;
  }

  /** Whether an issue is one of the rule file, whatever the tables are. */
  static boolean isOfForm(Issue issue) {
    return issue.code().startsWith("R");
  }

  /** What the rules' {@code hash()} is keyed with. */
  static @Nullable KeyedHash hash(EngineConfig config) {
    return config.hashKey() == null
        ? null
        : new KeyedHash(config.hashKey().reveal().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The configured rule files.
   *
   * @throws EngineException if one cannot be read
   */
  static List<RuleFile> files(EngineConfig config) {
    return files(config.directory(), config.rules());
  }

  /**
   * Rule files.
   *
   * @param directory what messages name them relative to
   * @throws EngineException if one cannot be read
   */
  static List<RuleFile> files(Path directory, List<Path> rules) {
    List<RuleFile> files = new ArrayList<>();
    for (Path path : rules) {
      try {
        files.add(new RuleFile(name(directory, path), TextFile.read(path)));
      } catch (IOException e) {
        throw Failures.of("rule file " + path + " cannot be read", e);
      }
    }
    return files;
  }

  /** As a user would name the file from where the configuration lies. */
  private static String name(Path directory, Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    Path base = directory.toAbsolutePath().normalize();
    return absolute.startsWith(base) ? base.relativize(absolute).toString() : file.toString();
  }

  static RuleSet compiled(Compilation compilation, String problem) {
    if (compilation.rules().isEmpty()) {
      throw new EngineException(
          ExitCode.CONFIGURATION, problem + ":\n" + compilation.render(), null);
    }
    if (!compilation.issues().isEmpty()) {
      LOG.warn("the rules can be used, but:\n{}", compilation.render());
    }
    return compilation.rules().get();
  }

  DatabaseId database() {
    return database;
  }

  /**
   * @throws EngineException if a journal belongs to another database
   */
  void requireOwn(Resume resume) {
    DatabaseId other = resume.database();
    if (other != null && !other.equals(database)) {
      throw new EngineException(
          ExitCode.POSITION_MISMATCH,
          "the journal belongs to database '%s' of system %s, and this is '%s' of system %s: its positions mean nothing here. Give this database a journal of its own"
              .formatted(
                  other.database(),
                  other.systemIdentifier(),
                  database.database(),
                  database.systemIdentifier()),
          null);
    }
  }

  Requirements requirements() {
    return rules.requirements();
  }

  List<RuleCounter> counters() {
    return rules.counters();
  }

  /**
   * The rules for a change, of a row as its table was then.
   *
   * @throws EngineException if the table was altered so that a rule no longer fits it
   */
  @Override
  public RuleSet of(Change change) {
    RuleSet now = rules;
    return change instanceof Change.TableChange row
            && (!now.knows(row.table()) || (now.leavesOut() && !isSeen(row.table())))
        ? altered(row.table())
        : now;
  }

  /** Whether rules that were left out were compiled against this version of a table. */
  @SuppressWarnings("ReferenceEquality") // the same instance, which is usual, is not compared
  private boolean isSeen(TableSchema table) {
    TableSchema seen = catalog.tables().get(table.id());
    return seen != null && (seen == table || table.equals(seen));
  }

  @Override
  public RuleSet current() {
    return rules;
  }

  /**
   * Compiles other rule files, and changes nothing. Tables that rules in force name are taken as
   * the stream sees them, others as they are; if the rules only fit all tables as they are, then
   * those, provided that nothing of before is still to come.
   *
   * @param live the tables as they are
   * @param caughtUp whether all that the server had written has been read
   */
  Draft draft(List<RuleFile> files, Catalog live, boolean caughtUp) {
    RuleCompiler next = compiler.with(files);
    Catalog seen = catalog;
    Set<TableId> named = requirements().tables().keySet();
    Catalog tables = withSeen(live, seen, named);
    Catalog all = withSeen(live, whole, named);
    Compilation compilation = next.compile(tables, all);
    if (fits(compilation)) {
      return new Draft(next, seen, live, tables, all, compilation, /* fitsLive= */ true);
    }
    Compilation now = next.compile(live);
    return caughtUp || !fits(now)
        ? new Draft(next, seen, live, live, live, now, fits(now))
        : new Draft(next, seen, live, tables, all, compilation, /* fitsLive= */ true);
  }

  private static Catalog withSeen(Catalog live, Catalog seen, Set<TableId> named) {
    Catalog tables = live;
    for (TableId table : named) {
      TableSchema known = seen.find(table).orElse(null);
      tables = known == null ? tables : tables.with(known);
    }
    return tables;
  }

  /**
   * Puts drafted rules in force. Only for the thread that evaluates, between two transactions.
   *
   * @throws EngineException if a table was altered meanwhile so that they do not fit; then nothing
   *     has changed
   */
  @SuppressWarnings("ReferenceEquality") // another instance is only compiled for once more
  void adopt(Draft draft) {
    Catalog tables = draft.tables();
    Catalog all = draft.whole();
    Compilation compilation = draft.compilation();
    if (draft.seen() != catalog) {
      Set<TableId> named = requirements().tables().keySet();
      tables = withSeen(draft.live(), catalog, named);
      all = withSeen(draft.live(), whole, named);
      compilation = draft.compiler().compile(tables, all);
    }
    if (!fits(compilation)) {
      throw new EngineException(
          ExitCode.CONFIGURATION,
          "they fitted when they were read, but a table was altered since:\n"
              + compilation.render(),
          null);
    }
    compiler = draft.compiler();
    whole = all;
    catalog = tables;
    rules = compilation.orThrow();
  }

  private RuleSet altered(TableSchema table) {
    boolean differs = catalog.find(table.id()).filter(table::equals).isEmpty();
    boolean onlyLess = whole.find(table.id()).filter(known -> isPartOf(table, known)).isPresent();
    whole = onlyLess ? whole : whole.with(table);
    catalog = catalog.with(table);
    RuleSet next =
        compiled(
            compiler.compileWhatFits(catalog, whole),
            "table "
                + table.id()
                + " was altered, and the rules do not fit the rows that come next, with columns "
                + table.columns().stream().map(Column::name).collect(Collectors.joining(", "))
                + ". All before them is done, and nothing from there on has been read. Start again with"
                + " rules that fit these rows: mended ones; or, if they were written before the table"
                + " became as it is, the earlier ones, which stop where it was altered");
    if (differs && !onlyLess) {
      LOG.info("table {} was altered; the live rules still fit", table.id());
    }
    Misfits.tell(Misfits.of(rules), Misfits.of(next));
    rules = next;
    return next;
  }

  /**
   * Leaves out the rules in shadow that do not fit the tables as they are: of a table that is gone,
   * or whose old values are not logged any more, no row says so. Tables that live rules read are
   * taken as the stream saw them, as rows of before may still come; if then all fits, as they are,
   * provided that the live rules fit them. Only for the thread that evaluates, while nothing is
   * read.
   *
   * @param live the tables as they are
   * @return whether there were any
   */
  boolean leaveOutMisfits(Catalog live) {
    Set<TableId> kept = rules.tablesOfLiveRules();
    return leaveOutMisfits(withSeen(live, catalog, kept), withSeen(live, whole, kept))
        || leaveOutMisfits(live, live);
  }

  private boolean leaveOutMisfits(Catalog tables, Catalog all) {
    RuleSet next = compiler.compileWhatFits(tables, all).rules().orElse(null);
    if (next == null || Misfits.of(rules).keySet().containsAll(Misfits.of(next).keySet())) {
      return false;
    }
    Misfits.tell(Misfits.of(rules), Misfits.of(next));
    catalog = tables;
    whole = all;
    rules = next;
    return true;
  }

  /** Whether a table has lost columns at most, as by a publication that does not send them. */
  private static boolean isPartOf(TableSchema table, TableSchema known) {
    return table.columns().stream()
        .allMatch(
            column ->
                known.indexOf(column.name()).stream()
                    .anyMatch(i -> known.column(i).type().equals(column.type())));
  }
}
