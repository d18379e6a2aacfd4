package io.rowbell.engine;

import io.rowbell.engine.config.EngineConfig;
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
import io.rowbell.model.TableSchema;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules in force, compiled against the tables as they are at this place of the stream: a table
 * that is altered while running is compiled for again. One thread compiles; any may read the
 * counters.
 */
final class RuleBook implements Transactions.Rules {
  private static final Logger LOG = LoggerFactory.getLogger(RuleBook.class);

  private final DatabaseId database;
  private final RuleCompiler compiler;
  private Catalog catalog;

  /** The tables by which private columns are known: also those that are not sent. */
  private Catalog whole;

  private volatile RuleSet rules;

  private RuleBook(DatabaseId database, RuleCompiler compiler, Catalog catalog) {
    this.database = database;
    this.compiler = compiler;
    this.catalog = catalog;
    this.whole = catalog;
    this.rules = compiled(compiler.compile(catalog), "the rules cannot be used");
  }

  /**
   * Compiles the configured rule files: against the live tables, or, if they do not fit those,
   * against the tables as the rows that come next are written. The journal tells of them, so the
   * source is claimed and the journal opened for a moment.
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
    RuleBook book =
        new RuleBook(
            database,
            compiler,
            fits(now) ? live : behind(config, source, compiler, now).orElse(live));
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

  /** The tables as the rows that come next are written; empty if the rules do not fit those. */
  private static Optional<Catalog> behind(
      EngineConfig config, Source source, RuleCompiler compiler, Compilation now)
      throws SourceException, JournalException, InterruptedException {
    if (now.issues().stream().anyMatch(RuleBook::isOfForm)) {
      return Optional.empty();
    }
    source.claim();
    Resume resume;
    try (Journal journal = config.journal().open(config.context())) {
      resume = journal.resume();
    }
    if (!source.database().equals(resume.database())) {
      return Optional.empty();
    }
    Catalog next = source.catalog(resume);
    if (!fits(compiler.compile(next))) {
      return Optional.empty();
    }
    LOG.warn(
        "the rules fit the rows that come next, but not the tables as they are now: the pipeline"
            + " stops where a table was altered, and rules that fit it then go on from there:\n{}",
        now.render());
    return Optional.of(next);
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
        files.add(new RuleFile(name(directory, path), Files.readString(path)));
      } catch (IOException e) {
        throw new EngineException(
            ExitCode.CONFIGURATION, "rule file " + path + " cannot be read: " + e, e);
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

  private static RuleSet compiled(Compilation compilation, String problem) {
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
    return change instanceof Change.TableChange row && !now.knows(row.table())
        ? altered(row.table())
        : now;
  }

  @Override
  public RuleSet current() {
    return rules;
  }

  private RuleSet altered(TableSchema table) {
    boolean differs = catalog.find(table.id()).filter(table::equals).isEmpty();
    catalog = catalog.with(table);
    boolean onlyLess = whole.find(table.id()).filter(known -> isPartOf(table, known)).isPresent();
    whole = onlyLess ? whole : whole.with(table);
    RuleSet next =
        compiled(
            compiler.compile(catalog, whole),
            "table "
                + table.id()
                + " was altered, and the rules do not fit the rows that come next, with columns "
                + table.columns().stream().map(Column::name).collect(Collectors.joining(", "))
                + ". All before them is done, and nothing from there on has been read. Start again with"
                + " rules that fit these rows: mended ones; or, if they were written before the table"
                + " became as it is, the earlier ones, which stop where it was altered");
    if (differs && !onlyLess) {
      LOG.info("table {} was altered; the rules still fit", table.id());
    }
    rules = next;
    return next;
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
