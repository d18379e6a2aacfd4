package io.rowbell.engine.cli;

import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.LoadedConfig;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which configuration. */
final class ConfigOption {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      defaultValue = "${env:ROWBELL_CONFIG:-rowbell.yaml}",
      description = "The configuration. Default: rowbell.yaml, or what ROWBELL_CONFIG names.")
  private Path file;

  /** Where it lies. */
  Path file() {
    return file;
  }

  /**
   * @throws io.rowbell.engine.config.ConfigException if it cannot be used
   */
  LoadedConfig load() {
    return ConfigLoader.load(file, System.getenv());
  }
}
