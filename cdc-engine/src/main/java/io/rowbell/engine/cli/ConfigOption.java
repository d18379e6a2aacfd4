package io.rowbell.engine.cli;

import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.JournalAccess;
import io.rowbell.engine.config.LoadedConfig;
import io.rowbell.engine.config.StatusAccess;
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

  /**
   * The journal alone, for what only reads it.
   *
   * @throws io.rowbell.engine.config.ConfigException if it cannot be used
   */
  JournalAccess journal() {
    return ConfigLoader.journal(file, System.getenv());
  }

  /**
   * Where the engine listens, for what only speaks to it.
   *
   * @throws io.rowbell.engine.config.ConfigException if it cannot be used
   */
  StatusAccess status() {
    return ConfigLoader.status(file, System.getenv());
  }
}
