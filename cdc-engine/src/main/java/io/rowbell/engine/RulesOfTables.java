package io.rowbell.engine;

import io.rowbell.language.Compilation;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleSet;
import io.rowbell.model.Catalog;
import io.rowbell.model.DatabaseId;
import java.util.Objects;

/**
 * Rules and the tables that they are about, without an engine: for what asks what the rules would
 * make.
 *
 * @param compiler of the rule files
 * @param catalog the tables
 */
public record RulesOfTables(RuleCompiler compiler, Catalog catalog) {
  /** Nothing that is told of rules in general depends on it. */
  private static final DatabaseId ANY = new DatabaseId("0", "any");

  public RulesOfTables {
    Objects.requireNonNull(compiler, "compiler");
    Objects.requireNonNull(catalog, "catalog");
  }

  /** The rules and the tables of a bench. */
  public static RulesOfTables of(RuleBench bench) {
    return new RulesOfTables(new RuleCompiler(bench.files(), ANY, bench.hash()), bench.catalog());
  }

  /**
   * The rules, against these tables.
   *
   * @throws EngineException if they do not fit: every issue
   */
  public RuleSet rules() {
    Compilation compilation = compiler.compile(catalog);
    return compilation
        .rules()
        .orElseThrow(
            () ->
                new EngineException(
                    ExitCode.CHECK_FAILED,
                    "the rules cannot be used:\n" + compilation.render(),
                    null));
  }
}
