package io.rowbell.engine;

import io.rowbell.engine.config.EngineConfig;
import io.rowbell.language.Compilation;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleCounter;
import io.rowbell.language.RuleSet;
import io.rowbell.language.Transactions;
import io.rowbell.model.Catalog;
import io.rowbell.model.Change;
import io.rowbell.model.TableSchema;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The configured rules as they are now, to be evaluated beside the engine: compiled against the
 * live tables, and again for each version of a table that comes. For one thread.
 */
final class BesideRules implements Transactions.Rules {
  private final RuleCompiler compiler;
  private Catalog catalog;

  /** The tables by which private columns are known: also those that are not sent. */
  private Catalog whole;

  private RuleSet rules;

  /**
   * @throws EngineException if they cannot be used
   * @throws SourceException if the database cannot be asked
   */
  BesideRules(EngineConfig config, Source source) throws SourceException {
    compiler = new RuleCompiler(RuleBook.files(config), source.database(), RuleBook.hash(config));
    catalog = source.catalog();
    whole = catalog;
    rules = compiled();
  }

  private RuleSet compiled() {
    Compilation compilation = compiler.compileWhatFits(catalog, whole);
    return compilation
        .rules()
        .orElseThrow(
            () ->
                new EngineException(
                    ExitCode.CONFIGURATION,
                    "the rules cannot be used:\n" + compilation.render(),
                    null));
  }

  @Override
  public RuleSet of(Change change) {
    if (change instanceof Change.TableChange row && !rules.knows(row.table())) {
      TableSchema table = row.table();
      boolean onlyLess =
          whole.find(table.id()).filter(known -> RuleBook.isPartOf(table, known)).isPresent();
      whole = onlyLess ? whole : whole.with(table);
      catalog = catalog.with(table);
      rules = compiled();
    }
    return rules;
  }

  @Override
  public RuleSet current() {
    return rules;
  }

  /** The rules that do what they do because of what came before. */
  Set<String> remembering() {
    return rules.counters().stream()
        .map(RuleCounter::rule)
        .filter(rules::remembers)
        .collect(Collectors.toSet());
  }
}
