package io.rowbell.language;

import io.rowbell.language.expression.KeyedHash;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import io.rowbell.model.Catalog;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Turns rule files into a {@link RuleSet}, or says everything that is wrong with them.
 *
 * <p>Compile again with {@code catalog.with(table)} when a table has changed: the rules' counters
 * go on, as they belong to the compiler. Safe for any number of threads.
 */
public final class RuleCompiler {
  private final List<RuleFile> files;
  private final DatabaseId database;
  private final @Nullable KeyedHash hash;
  private final Map<String, RuleCounter> counters;

  /**
   * @param files in the order in which their rules run
   * @param database whose changes the rules read: part of every event's id and source
   * @param hash the key behind {@code hash(x)}, or null if none is configured
   */
  public RuleCompiler(List<RuleFile> files, DatabaseId database, @Nullable KeyedHash hash) {
    this(files, database, hash, new ConcurrentHashMap<>());
  }

  private RuleCompiler(
      List<RuleFile> files,
      DatabaseId database,
      @Nullable KeyedHash hash,
      Map<String, RuleCounter> counters) {
    this.files = List.copyOf(files);
    this.database = Objects.requireNonNull(database, "database");
    this.hash = hash;
    this.counters = counters;
  }

  /** A compiler of other files for the same database: rules of the same name go on counting. */
  public RuleCompiler with(List<RuleFile> others) {
    return new RuleCompiler(others, database, hash, counters);
  }

  /** The columns of a table that the files keep private. */
  public Set<String> privateColumns(TableSchema table, Catalog catalog) {
    Problems unheard = new Problems();
    List<PrivateColumns.Entry> privates = new ArrayList<>();
    files.forEach(file -> privates.addAll(RuleFileReader.read(file, unheard).privates()));
    return new PrivateColumns(privates).of(table, catalog);
  }

  /** Checks the files against the tables of a catalog. */
  public Compilation compile(Catalog catalog) {
    return compile(catalog, catalog, null, Unfit.IS_AN_ERROR);
  }

  /**
   * Checks the files against the tables of a catalog, for rules that are tested.
   *
   * @param coverage is told what their conditions come to
   */
  public Compilation compile(Catalog catalog, ConditionCoverage coverage) {
    return compile(catalog, catalog, coverage, Unfit.IS_AN_ERROR);
  }

  /**
   * Checks the files against the tables as their rows come.
   *
   * @param whole the same tables with the columns that do not come: what {@code private} names is
   *     looked for there
   */
  public Compilation compile(Catalog catalog, Catalog whole) {
    return compile(catalog, whole, null, Unfit.IS_AN_ERROR);
  }

  /**
   * The same, but a rule in shadow that does not fit the tables keeps no other from running: it is
   * left out, and {@link RuleSet#shadows} tells why. So is one of whose table {@code private} names
   * what is not there, as it may have another name now. Where a live rule or none reads that table,
   * and of what a file says wrongly whatever the tables are, it is an error as ever.
   */
  public Compilation compileWhatFits(Catalog catalog, Catalog whole) {
    return compile(catalog, whole, null, Unfit.IS_LEFT_OUT);
  }

  /** What becomes of a rule in shadow that does not fit the tables. */
  private enum Unfit {
    IS_AN_ERROR,
    IS_LEFT_OUT
  }

  private Compilation compile(
      Catalog catalog, Catalog whole, @Nullable ConditionCoverage coverage, Unfit unfit) {
    Problems problems = new Problems();
    List<RuleDeclaration> declarations = new ArrayList<>();
    List<PrivateColumns.Entry> privates = new ArrayList<>();
    for (RuleFile file : files) {
      RuleFileReader.Declarations read = RuleFileReader.read(file, problems);
      declarations.addAll(read.rules());
      privates.addAll(read.privates());
    }
    PrivateColumns privateColumns = new PrivateColumns(privates);
    Predicate<PrivateColumns.Entry> mayBeGone =
        entry ->
            unfit == Unfit.IS_LEFT_OUT && Shadowing.isOnlyOfShadows(entry, declarations, whole);
    privateColumns.check(whole, mayBeGone.negate(), problems);
    distinctNames(declarations, problems);
    Shadowing.check(declarations, problems);
    List<RuleBinder.Bound> bound = new ArrayList<>();
    List<Shadowing.Misfit> misfits = new ArrayList<>();
    // Of files that could not be read, rules may lack parts that binding relies on.
    boolean sound = !problems.hasErrors();
    for (RuleDeclaration declaration : declarations) {
      RuleCounter counter = counters.computeIfAbsent(declaration.name().value(), RuleCounter::new);
      Problems own = sound ? new Problems() : problems;
      privateColumns.check(
          whole, mayBeGone.and(entry -> Shadowing.names(declaration, entry, whole)), own);
      RuleBinder.Bound rule =
          new RuleBinder(database, hash, catalog, privateColumns, coverage, own)
              .bind(declaration, counter);
      if (rule == null && !own.hasErrors()) {
        throw new IllegalStateException(
            "rule " + declaration.name().value() + " was refused without an issue");
      }
      if (rule == null && unfit == Unfit.IS_LEFT_OUT && declaration.settings().isShadow()) {
        misfits.add(Shadowing.Misfit.of(declaration, counter, own));
        continue;
      }
      if (sound) {
        own.issues().forEach(problems::add);
      }
      if (rule != null && declaration.settings().enabled()) {
        bound.add(rule);
      }
    }
    return new Compilation(
        problems.hasErrors()
            ? Optional.empty()
            : Optional.of(new RuleSet(bound, misfits, Fingerprint.of(bound))),
        problems.issues());
  }

  private static void distinctNames(List<RuleDeclaration> declarations, Problems problems) {
    Map<String, Location> seen = new HashMap<>();
    for (RuleDeclaration declaration : declarations) {
      Location location = declaration.name().at(0);
      Location first = seen.putIfAbsent(declaration.name().value(), location);
      if (first != null) {
        problems.error(
            Codes.DUPLICATE_RULE,
            location,
            "there is another rule '" + declaration.name().value() + "'",
            "it is at " + first + ": give one of them a name of its own with 'rule: <name>'");
      }
    }
  }
}
