package io.rowbell.engine.config;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration says of where its engine is spoken to.
 *
 * @param name the pipeline's name
 * @param http where it listens; null for nowhere
 */
public record StatusAccess(String name, @Nullable HttpConfig http) {
  public StatusAccess {
    Objects.requireNonNull(name, "name");
  }
}
