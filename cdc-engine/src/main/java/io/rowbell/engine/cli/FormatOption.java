package io.rowbell.engine.cli;

import picocli.CommandLine.Option;

/** How results are written. */
final class FormatOption {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "table",
      description = "table or json. Default: table.")
  private Format format;

  /** Whether they are for programs. */
  boolean isJson() {
    return format == Format.JSON;
  }
}
