package io.rowbell.engine.cli;

import io.rowbell.engine.config.ConfigSchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the configuration's schema. */
@Command(
    name = "schema",
    mixinStandardHelpOptions = true,
    description = {
      "Print the JSON Schema of the configuration, for editors.",
      "'schema pull' writes what the database's tables are, for tests and for editors."
    },
    subcommands = SchemaPullCommand.class,
    footer = {
      "",
      "A first line of rowbell.yaml such as this one makes editors use it:",
      "  # yaml-language-server: $schema=rowbell.schema.json"
    })
final class SchemaCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getOut().print(ConfigSchema.write());
    return 0;
  }
}
