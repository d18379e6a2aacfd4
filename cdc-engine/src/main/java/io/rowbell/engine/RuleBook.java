package io.rowbell.engine;

import io.rowbell.engine.config.EngineConfig;
import io.rowbell.language.Compilation;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleCounter;
import io.rowbell.language.RuleFile;
import io.rowbell.language.RuleSet;
import io.rowbell.language.expression.KeyedHash;
import io.rowbell.model.Catalog;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Requirements;
import io.rowbell.model.TableSchema;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules in force, compiled against the tables as they are at this place of the stream: a table
 * that is altered while running is compiled for again. One thread compiles; any may read the
 * counters.
 */
final class RuleBook {
  private static final Logger LOG = LoggerFactory.getLogger(RuleBook.class);

  private final DatabaseId database;
  private final RuleCompiler compiler;
  private Catalog catalog;
  private volatile RuleSet rules;

  private RuleBook(DatabaseId database, RuleCompiler compiler, Catalog catalog) {
    this.database = database;
    this.compiler = compiler;
    this.catalog = catalog;
    this.rules = compiled(compiler.compile(catalog), "the rules cannot be used");
  }

  /**
   * Compiles the configured rule files against the live tables.
   *
   * @throws EngineException if they cannot be used: every issue of every file
   * @throws SourceException if the database cannot be asked
   */
  static RuleBook compile(EngineConfig config, Source source) throws SourceException {
    KeyedHash hash = hash(config);
    List<RuleFile> files = files(config);
    DatabaseId database = source.database();
    RuleBook book =
        new RuleBook(database, new RuleCompiler(files, database, hash), source.catalog());
    if (book.rules.counters().isEmpty()) {
      throw new EngineException(
          ExitCode.CONFIGURATION,
          "no rule is enabled in " + config.rules() + ": there is nothing to do",
          null);
    }
    return book;
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
    List<RuleFile> files = new ArrayList<>();
    for (Path path : config.rules()) {
      try {
        files.add(new RuleFile(name(config.directory(), path), Files.readString(path)));
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
   * The rules for a change of this version of a table.
   *
   * @throws EngineException if the table was altered so that a rule no longer fits it
   */
  RuleSet forTable(TableSchema table) {
    RuleSet now = rules;
    return now.knows(table) ? now : altered(table);
  }

  /** The rules for changes that are of no table. */
  RuleSet current() {
    return rules;
  }

  private RuleSet altered(TableSchema table) {
    boolean differs = catalog.find(table.id()).filter(table::equals).isEmpty();
    catalog = catalog.with(table);
    RuleSet next =
        compiled(
            compiler.compile(catalog),
            "table "
                + table.id()
                + " was altered, and the rules no longer fit it. Nothing after that change has been read; mend the rules and start again");
    if (differs) {
      LOG.info("table {} was altered; the rules still fit", table.id());
    }
    rules = next;
    return next;
  }
}
