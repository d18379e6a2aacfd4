package io.rowbell.engine.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says which version this is. */
@Command(
    name = "version",
    mixinStandardHelpOptions = true,
    description = "Print the version, and that of Java.")
final class VersionCommand implements Callable<Integer>, IVersionProvider {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getOut().println(version());
    return 0;
  }

  @Override
  public String[] getVersion() {
    return new String[] {version()};
  }

  private static String version() {
    String version = VersionCommand.class.getPackage().getImplementationVersion();
    return "rowbell "
        + (version == null ? "(not packaged)" : version)
        + ", Java "
        + Runtime.version()
        + ", "
        + System.getProperty("os.name")
        + " "
        + System.getProperty("os.arch");
  }
}
