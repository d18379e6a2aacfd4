package io.rowbell.language.yaml;

import io.rowbell.language.issue.Location;
import java.util.List;

/**
 * A list.
 *
 * @param location where it begins
 * @param items in order
 */
public record YamlList(Location location, List<YamlNode> items) implements YamlNode {
  public YamlList {
    items = List.copyOf(items);
  }

  @Override
  public String kind() {
    return "a list";
  }
}
