package io.rowbell.language.yaml;

import io.rowbell.language.issue.Location;

/** A mapping, a list or a scalar, and where it begins in its file. Immutable. */
public sealed interface YamlNode permits YamlMap, YamlList, YamlScalar {
  /** Where the node begins. */
  Location location();

  /** What the node is, for messages: {@code a mapping}, {@code a list}, {@code text}. */
  String kind();
}
