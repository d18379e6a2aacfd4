package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.MessagePages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/messages.md has a section for every code that any module can give, and no other. */
class MessageCodesTest {
  private static final Pattern CODE = Pattern.compile("\"([REWXC]\\d{3})\"");

  @Test
  void everyCodeHasASectionAndEverySectionACode() throws IOException {
    Set<String> given = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of(".."))) {
      for (Path file : files.filter(MessageCodesTest::isMain).toList()) {
        CODE.matcher(Files.readString(file)).results().forEach(code -> given.add(code.group(1)));
      }
    }

    assertThat(given).hasSizeGreaterThan(80);
    assertThat(new TreeSet<>(MessagePages.all().keySet())).isEqualTo(given);
  }

  private static boolean isMain(Path file) {
    String path = file.toString().replace('\\', '/');
    return path.endsWith(".java")
        && path.contains("/src/main/")
        && !path.contains("/examples/")
        && !path.contains("/testkit/");
  }
}
