package io.rowbell.engine.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What a configuration says of the rules: all that is needed where there is no database, and no
 * secret.
 *
 * @param directory where the configuration lies
 * @param rules the rule files, in the order of the patterns and then of their names; at least one
 * @param hashes whether a key for {@code hash()} is configured
 */
public record RuleSources(Path directory, List<Path> rules, boolean hashes) {
  public RuleSources {
    Objects.requireNonNull(directory, "directory");
    rules = List.copyOf(rules);
  }
}
