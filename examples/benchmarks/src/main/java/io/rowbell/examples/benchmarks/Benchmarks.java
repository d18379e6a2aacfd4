package io.rowbell.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** All benchmarks, one after the other, into one report. */
@Command(
    name = "benchmarks",
    mixinStandardHelpOptions = true,
    description =
        "Measures Rowbell beside its peers on this machine and writes one report. Takes half an hour; its parts"
            + " can be run apart.",
    subcommands = {Drain.class, Latency.class, Start.class})
public final class Benchmarks extends Benchmark {
  @Option(
      names = "--runs",
      description = "How often each reader drains the changes (default: ${DEFAULT-VALUE}).",
      defaultValue = "3")
  private int runs;

  @Option(
      names = "--debezium-server",
      paramLabel = "DIR",
      description = "Its unpacked distribution; left out otherwise.")
  private @Nullable Path debeziumServer;

  /** Made by the command line. */
  public Benchmarks() {}

  /** Runs the benchmarks. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Benchmarks()).execute(args));
  }

  @Override
  void measure(Report report) throws SQLException, IOException, InterruptedException {
    String[] peer =
        debeziumServer == null
            ? new String[] {}
            : new String[] {"--debezium-server=" + debeziumServer};
    CommandLine.populateCommand(new Start()).measure(report);
    CommandLine.populateCommand(new Latency(), peer).measure(report);
    Drain drain = CommandLine.populateCommand(new Drain(), peer);
    drain.repeat(runs);
    drain.measure(report);
  }
}
