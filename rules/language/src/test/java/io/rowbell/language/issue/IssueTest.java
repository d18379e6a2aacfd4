package io.rowbell.language.issue;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class IssueTest {
  @Test
  void theCaretStandsUnderItsCharacterBehindTabsToo() {
    assertThat(issue("\twhen: x", 8, "quote it").render())
        .isEqualTo(
            """
            f.yaml:3:8: error R003: wrong
                 3 | \twhen: x
                   | \t      ^
                   = help: quote it""");
    assertThat(issue("", 1, null).render())
        .isEqualTo(
            """
            f.yaml:3:1: error R003: wrong
                 3 |\s
                   | ^""");
  }

  @Test
  void ofALongLineThePartAroundTheCaretIsShown() {
    String line = "a".repeat(500) + "X" + "b".repeat(500);

    assertThat(issue(line, 501, null).render())
        .isEqualTo(
            "f.yaml:3:501: error R003: wrong\n"
                + "     3 | ..."
                + "a".repeat(100)
                + "X"
                + "b".repeat(99)
                + "...\n       |    "
                + " ".repeat(100)
                + "^");
    assertThat(issue(line, 1002, null).render().lines().toList().get(1))
        .isEqualTo("     3 | ..." + "b".repeat(100));
    assertThat(issue(line, 1, null).render().lines().toList().get(1))
        .isEqualTo("     3 | " + "a".repeat(200) + "...");
  }

  private static Issue issue(String line, int column, @Nullable String help) {
    return new Issue(
        Issue.Severity.ERROR, "R003", "wrong", new Location("f.yaml", 3, column, line), help);
  }
}
