package io.rowbell.language.testing;

import io.rowbell.language.issue.Location;
import java.util.Objects;

/**
 * Why a test failed.
 *
 * @param at the step that was not as it should be
 * @param message what was expected and what came, in one or more lines
 */
public record TestFailure(Location at, String message) {
  public TestFailure {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(message, "message");
  }
}
