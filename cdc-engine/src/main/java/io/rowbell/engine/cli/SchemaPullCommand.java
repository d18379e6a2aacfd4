package io.rowbell.engine.cli;

import io.rowbell.engine.Failures;
import io.rowbell.engine.RuleBench;
import io.rowbell.engine.TableFile;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.language.RuleFileSchema;
import io.rowbell.model.Catalog;
import io.rowbell.spi.SourceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Writes the tables of the database beside the configuration. */
@Command(
    name = "pull",
    mixinStandardHelpOptions = true,
    description = {
      "Write the database's tables to rowbell.tables.json beside the configuration: 'test' and"
          + " 'check --offline' then need no database. Nothing in it is secret: keep it with the rules.",
      "Also writes rowbell.rules.schema.json, with which editors know the tables and columns that"
          + " rules may name."
    })
final class SchemaPullCommand implements Callable<Integer> {
  private static final String EDITORS = "rowbell.rules.schema.json";

  @Spec private CommandSpec spec;
  @Mixin private ConfigOption config;
  @Mixin private LogOptions log;

  @Override
  public Integer call() {
    log.apply();
    EngineConfig loaded = config.load().config();
    Catalog catalog;
    try {
      catalog = RuleBench.catalog(loaded);
    } catch (SourceException e) {
      throw Failures.of(e);
    }
    write(loaded.directory().resolve(TableFile.NAME), TableFile.write(catalog));
    write(loaded.directory().resolve(EDITORS), RuleFileSchema.write(catalog));
    int tables = catalog.tables().size();
    spec.commandLine()
        .getOut()
        .println(
            "wrote "
                + TableFile.NAME
                + ": "
                + tables
                + (tables == 1 ? " table" : " tables")
                + "; and "
                + EDITORS
                + " for editors");
    return 0;
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw Failures.of("the file " + file + " cannot be written", e);
    }
  }
}
