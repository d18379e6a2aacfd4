package io.rowbell.engine.config;

import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Location;
import io.rowbell.spi.InvalidSettingException;
import java.util.List;
import java.util.Map;

/**
 * Where a part of the configuration was written, so that what turns out to be wrong with it later
 * is shown in its place.
 */
public final class Section {
  /** Settings that were not read from a file. */
  public static final Section UNWRITTEN = new Section("", Map.of());

  private final String path;
  private final Map<String, Location> places;

  /**
   * @param path the section's own key, dots between levels, empty for none
   * @param places where each key below it was written, dots between levels; the empty key is the
   *     section itself
   */
  Section(String path, Map<String, Location> places) {
    this.path = path;
    this.places = Map.copyOf(places);
  }

  /** What to throw when a setting of this section cannot be used. */
  public ConfigException refused(InvalidSettingException e) {
    String key = path.isEmpty() ? e.key() : e.key().isEmpty() ? path : path + "." + e.key();
    String message = e.getMessage() == null ? "cannot be used" : e.getMessage();
    String nearest = e.key();
    while (!places.containsKey(nearest) && !nearest.isEmpty()) {
      nearest = nearest.substring(0, Math.max(nearest.lastIndexOf('.'), 0));
    }
    Location location = places.get(nearest);
    if (location == null) {
      return new ConfigException(key + ": " + message);
    }
    return new ConfigException(
        List.of(
            new Issue(
                Issue.Severity.ERROR, Codes.REFUSED, "'" + key + "': " + message, location, null)));
  }
}
