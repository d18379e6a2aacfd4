package io.rowbell.language;

import java.util.Objects;

/**
 * A rule file's text.
 *
 * @param name the name that messages show
 * @param text YAML
 */
public record RuleFile(String name, String text) {
  public RuleFile {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(text, "text");
  }
}
