package io.rowbell.language.yaml;

import io.rowbell.language.issue.Location;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mapping whose keys are text.
 *
 * @param location where it begins
 * @param entries in the file's order; each key once
 */
public record YamlMap(Location location, List<Entry> entries) implements YamlNode {
  public YamlMap {
    entries = List.copyOf(entries);
  }

  /**
   * One key and its value.
   *
   * @param key as written
   * @param value an {@linkplain YamlScalar#isEmpty empty} scalar if none was written
   */
  public record Entry(YamlScalar key, YamlNode value) {
    /** The key's text. */
    public String name() {
      return key.value();
    }
  }

  /** The entry of that key, or null. */
  public @Nullable Entry get(String key) {
    for (Entry entry : entries) {
      if (entry.name().equals(key)) {
        return entry;
      }
    }
    return null;
  }

  @Override
  public String kind() {
    return "a mapping";
  }
}
