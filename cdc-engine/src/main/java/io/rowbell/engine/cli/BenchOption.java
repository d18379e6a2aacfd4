package io.rowbell.engine.cli;

import io.rowbell.engine.RuleBench;
import io.rowbell.engine.RulesOfTables;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which rules, and where their tables come from. */
final class BenchOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Mixin private ConfigOption config;

  @Option(
      names = "--offline",
      description =
          "Take the tables of rowbell.tables.json, which 'rowbell schema pull' wrote: no database is"
              + " asked.")
  private boolean offline;

  /**
   * The configured rules and their tables; says so if those are not the database's.
   *
   * @throws io.rowbell.engine.EngineException if there are none
   */
  RulesOfTables load() {
    RuleBench bench =
        offline
            ? RuleBench.offline(config.file(), List.of(), System.getenv())
            : RuleBench.of(config.file(), List.of(), System.getenv());
    if (!offline && !bench.schema().equals("the database")) {
      spec.commandLine().getErr().println("note: the tables are those of " + bench.schema());
    }
    return RulesOfTables.of(bench);
  }
}
