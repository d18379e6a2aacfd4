package io.rowbell.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The payload of an event: one JSON value in UTF-8, serialised once, where the rule was evaluated.
 */
public final class EventData {
  private final byte[] json;

  private EventData(byte[] json) {
    this.json = json;
  }

  /**
   * @param json valid JSON in UTF-8; handed over, not copied: the caller must not change it
   *     afterwards
   */
  public static EventData ofJson(byte[] json) {
    return new EventData(json);
  }

  /**
   * @param json valid JSON
   */
  public static EventData ofJson(String json) {
    return new EventData(json.getBytes(StandardCharsets.UTF_8));
  }

  /** The JSON in UTF-8. Not a copy: do not change it. */
  public byte[] bytes() {
    return json;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EventData that && Arrays.equals(json, that.json);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(json);
  }

  /** The JSON as text. */
  @Override
  public String toString() {
    return new String(json, StandardCharsets.UTF_8);
  }
}
