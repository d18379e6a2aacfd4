package io.rowbell.engine.config;

import java.util.Objects;

/**
 * A setting as it counts.
 *
 * @param key as it stands in YAML, dots between levels
 * @param value as it would be written; a secret as stars, and what came through a reference as the
 *     reference unless it is a number, a flag, a duration, a size or a word
 * @param origin where it came from
 * @param place {@code file:line} or the variable's name; empty for a default
 */
public record EffectiveSetting(String key, String value, Origin origin, String place) {
  public EffectiveSetting {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(place, "place");
  }
}
