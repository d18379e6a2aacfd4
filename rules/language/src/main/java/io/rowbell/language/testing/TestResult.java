package io.rowbell.language.testing;

import io.rowbell.language.issue.Location;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What became of one test.
 *
 * @param name as its file gives it
 * @param at where the name stands
 * @param failure what was not as expected; null if it passed
 */
public record TestResult(String name, Location at, @Nullable TestFailure failure) {
  public TestResult {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(at, "at");
  }

  /** Whether everything was as expected. */
  public boolean passed() {
    return failure == null;
  }
}
