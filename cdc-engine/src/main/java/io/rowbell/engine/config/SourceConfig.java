package io.rowbell.engine.config;

import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceFactory;
import java.util.Objects;

/**
 * The chosen source and its settings.
 *
 * @param section where the settings were written
 */
public record SourceConfig<S extends Record>(
    SourceFactory<S> factory, S settings, Section section) {
  public SourceConfig {
    Objects.requireNonNull(factory, "factory");
    Objects.requireNonNull(settings, "settings");
    Objects.requireNonNull(section, "section");
  }

  /** Settings that were not read from a file. */
  public SourceConfig(SourceFactory<S> factory, S settings) {
    this(factory, settings, Section.UNWRITTEN);
  }

  /**
   * Makes the source; does not connect.
   *
   * @throws ConfigException if the source refuses its settings
   */
  public Source open(AdapterContext context) {
    try {
      return factory.open(settings, context);
    } catch (InvalidSettingException e) {
      throw section.refused(e);
    }
  }
}
