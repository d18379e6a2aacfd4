package io.rowbell.engine.cli;

import picocli.CommandLine.Option;

/** How the log is written. */
final class LogOptions {
  @Option(
      names = "--log",
      paramLabel = "FORM",
      defaultValue = "text",
      description = "How the log on standard error is written: text or json. Default: text.")
  private Logging.Form form;

  @Option(
      names = {"-v", "--verbose"},
      description =
          "Log more: state changes of libraries too; twice for everything. Row values appear only"
              + " with -vv.")
  private boolean[] verbose = {};

  void apply() {
    Logging.configure(form, verbose.length);
  }
}
