package io.rowbell.engine.config;

import java.util.List;
import java.util.Objects;

/**
 * A configuration, and how it came about.
 *
 * @param settings every setting that counts, in the order of the reference
 * @param file the file that it was read from
 */
public record LoadedConfig(EngineConfig config, List<EffectiveSetting> settings, ConfigFile file) {
  public LoadedConfig {
    Objects.requireNonNull(config, "config");
    settings = List.copyOf(settings);
    Objects.requireNonNull(file, "file");
  }
}
