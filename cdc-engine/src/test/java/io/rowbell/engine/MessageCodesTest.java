package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.MessagePages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * docs/messages.md has a section for every code that any module can give, and no other; and what an
 * example shows as printed is in the words of the code.
 */
class MessageCodesTest {
  private static final Pattern CODE = Pattern.compile("\"([REWXC]\\d{3})\"");
  private static final Pattern PRINTED =
      Pattern.compile("(?ms)^```console\\n\\$ rowbell [^\\n]*\\n(.*?)^```$");
  private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\\\n]|\\\\.)*)\"");

  /** What stands between two pieces of one text, and what a text has for a value. */
  private static final Pattern JOINED = Pattern.compile("\"\\s*\\+\\s*\"");

  private static final Pattern PLACEHOLDER = Pattern.compile("%\\d*\\$?[sd]|\\{}|\\\\n");

  /** The rest of a line are names and values. */
  private static final int FEWEST = 12;

  /** Shorter ones stand in any text. */
  private static final int SHORTEST = 8;

  @Test
  void everyCodeHasASectionAndEverySectionACode() throws IOException {
    Set<String> given = new TreeSet<>();
    sources()
        .forEach(
            source -> CODE.matcher(source).results().forEach(code -> given.add(code.group(1))));

    assertThat(given).hasSizeGreaterThan(80);
    assertThat(new TreeSet<>(MessagePages.all().keySet())).isEqualTo(given);
  }

  @Test
  void whatIsShownAsPrintedIsInTheWordsOfTheCode() throws IOException {
    Set<String> words =
        new TreeSet<>(Comparator.comparing(String::length).reversed().thenComparing(word -> word));
    for (String source : sources()) {
      LITERAL
          .matcher(JOINED.matcher(source).replaceAll(""))
          .results()
          .flatMap(literal -> PLACEHOLDER.splitAsStream(literal.group(1)))
          .filter(word -> word.length() >= SHORTEST)
          .forEach(words::add);
    }

    int examples = 0;
    for (MessagePages.Page page : MessagePages.all().values()) {
      Matcher printed = PRINTED.matcher(page.text());
      while (printed.find()) {
        examples++;
        printed
            .group(1)
            .lines()
            .filter(
                line ->
                    line.contains(page.code() + ":")
                        || line.contains("= help: ")
                        || line.contains("reason "))
            .forEach(
                line -> assertThat(known(line, words)).as(line).isGreaterThanOrEqualTo(FEWEST));
      }
    }
    assertThat(examples).isGreaterThan(60);
  }

  /** How many characters of a line are words of the code. */
  private static int known(String line, Set<String> words) {
    String rest = line;
    for (String word : words) {
      rest = rest.replace(word, "");
    }
    return line.length() - rest.length();
  }

  private static List<String> sources() throws IOException {
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of(".."))) {
      for (Path file : files.filter(MessageCodesTest::isMain).toList()) {
        sources.add(Files.readString(file));
      }
    }
    return sources;
  }

  private static boolean isMain(Path file) {
    String path = file.toString().replace('\\', '/');
    return path.endsWith(".java")
        && path.contains("/src/main/")
        && !path.contains("/examples/")
        && !path.contains("/testkit/");
  }
}
