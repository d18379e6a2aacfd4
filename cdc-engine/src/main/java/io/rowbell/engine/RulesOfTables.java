package io.rowbell.engine;

import io.rowbell.engine.config.ConfigException;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.language.Compilation;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleSet;
import io.rowbell.model.Catalog;
import io.rowbell.model.DatabaseId;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import java.util.Objects;

/**
 * The configured rules and the tables that they are about, without an engine: for what asks what
 * the rules would do.
 *
 * @param compiler of the configured files
 * @param catalog the tables
 */
public record RulesOfTables(RuleCompiler compiler, Catalog catalog) {
  public RulesOfTables {
    Objects.requireNonNull(compiler, "compiler");
    Objects.requireNonNull(catalog, "catalog");
  }

  /**
   * Reads the rule files, and the tables of the live database.
   *
   * @throws EngineException if the files cannot be read or the database cannot be asked
   */
  public static RulesOfTables load(EngineConfig config) throws InterruptedException {
    try (Source source = config.source().open(config.context())) {
      DatabaseId database = source.database();
      return new RulesOfTables(
          new RuleCompiler(RuleBook.files(config), database, RuleBook.hash(config)),
          source.catalog());
    } catch (ConfigException e) {
      throw Failures.of(e);
    } catch (SourceException e) {
      throw Failures.of(e);
    }
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
