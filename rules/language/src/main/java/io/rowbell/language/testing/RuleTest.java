package io.rowbell.language.testing;

import io.rowbell.language.issue.Location;
import java.util.List;

/**
 * A test of a rule file.
 *
 * @param name as its file gives it
 * @param at where the name stands
 * @param steps in order
 */
record RuleTest(String name, Location at, List<Step> steps) {
  RuleTest {
    steps = List.copyOf(steps);
  }
}
