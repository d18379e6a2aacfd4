package io.rowbell.model;

import java.util.Objects;

/**
 * A JSON document as text, not yet parsed.
 *
 * @param text valid JSON
 */
public record Json(String text) {
  public Json {
    Objects.requireNonNull(text, "text");
  }

  @Override
  public String toString() {
    return text;
  }
}
