package io.rowbell.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** A part of the report that is a command of its own, too. */
abstract class Benchmark implements Callable<Integer> {
  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Where the report is written (default: ${DEFAULT-VALUE}).",
      defaultValue = "target/report")
  private Path directory = Path.of("target/report");

  abstract void measure(Report report) throws SQLException, IOException, InterruptedException;

  @Override
  public final Integer call() throws SQLException, IOException, InterruptedException {
    Report report = new Report(directory);
    report.title("Rowbell, measured").add(Machine.describe() + "\n");
    measure(report);
    System.err.println("written to " + report.file());
    return 0;
  }
}
