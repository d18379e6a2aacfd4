package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.MessagePages;
import io.rowbell.language.testing.RuleTests;
import io.rowbell.model.Catalog;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * docs/messages.md: every code has an example. One that can be compiled gives the message that is
 * shown below it, and its mended form none; one with a test shows by it what fails, and that it is
 * mended. {@code -Drowbell.write-reference=true} writes what is printed, and the table of codes in
 * docs/rule-language.md, anew.
 */
class MessagesPageTest {
  private static final Path PAGE = Path.of("../../docs/messages.md");
  private static final Path LANGUAGE = Path.of("../../docs/rule-language.md");

  private static final boolean WRITE = Boolean.getBoolean("rowbell.write-reference");
  private static final Pattern SECTION = Pattern.compile("(?ms)^## (\\w+)\\n.*?(?=^## |\\z)");
  private static final Pattern FENCE = Pattern.compile("(?ms)^```(yaml|text)\\n(.*?)^```$");
  private static final Pattern PRINTED =
      Pattern.compile("(?ms)^```console\\n\\$ rowbell (.*?)^```$");
  private static final Pattern TABLE =
      Pattern.compile("(?<=\\| Code \\| Meaning \\|\\n\\|---\\|---\\|\\n)(?:\\|.*\\n)*");

  @TestFactory
  Stream<DynamicTest> everyExampleIsPrintedAsShown() throws IOException {
    String page = Files.readString(PAGE);
    Catalog catalog = PageTables.of(page);
    if (WRITE) {
      page = SECTION.matcher(page).replaceAll(section -> printed(section, catalog));
      Files.writeString(PAGE, page);
    }
    List<MatchResult> sections = SECTION.matcher(page).results().toList();
    assertThat(sections).hasSizeGreaterThan(80);
    return sections.stream()
        .map(section -> DynamicTest.dynamicTest(section.group(1), () -> check(section, catalog)));
  }

  private static String printed(MatchResult section, Catalog catalog) {
    Matcher fence = FENCE.matcher(section.group());
    String[] rule = {""};
    return Matcher.quoteReplacement(
        fence.replaceAll(
            match -> {
              if (match.group(1).equals("yaml")) {
                rule[0] = match.group(2);
                return Matcher.quoteReplacement(match.group());
              }
              String text = compile(rule[0], catalog).render();
              return Matcher.quoteReplacement("```text\n" + text + "\n```");
            }));
  }

  private static void check(MatchResult section, Catalog catalog) {
    String code = section.group(1);
    List<String> rules = new ArrayList<>();
    String shown = "";
    for (MatchResult fence : FENCE.matcher(section.group()).results().toList()) {
      if (fence.group(1).equals("yaml")) {
        rules.add(fence.group(2));
      } else {
        shown = fence.group(2).strip();
      }
    }
    boolean tested = rules.stream().anyMatch(rule -> rule.contains("\ntests:"));
    if (rules.isEmpty() || (code.startsWith("X") && !tested)) {
      // What no rule file by itself can bring about is shown as it is printed.
      assertThat(code).doesNotMatch("R\\d+|E1\\d+|W1\\d+");
      assertThat(PRINTED.matcher(section.group()).results().map(MatchResult::group))
          .as("what is printed")
          .singleElement()
          .asString()
          .contains(code);
    }
    if (rules.isEmpty()) {
      return;
    }
    assertThat(rules).as("an example and its mended form").hasSize(2);
    Compilation wrong = compile(rules.get(0), catalog);
    Compilation mended = compile(rules.get(1), catalog);
    assertThat(wrong.render()).isEqualTo(shown);
    assertThat(mended.render()).isEmpty();
    if (code.startsWith("X")) {
      assertThat(rules.get(0).contains("fails: {")).isEqualTo(tested);
      assertThat(rules.get(0).contains(": " + code + "}")).isEqualTo(tested);
      assertThat(rules.get(1)).doesNotContain("fails: {");
      rules.forEach(rule -> assertPasses(rule, catalog));
    } else {
      assertThat(wrong.issues()).extracting(Issue::code).isNotEmpty().containsOnly(code);
      assertThat(wrong.issues()).as("what to do next").allMatch(issue -> issue.help() != null);
    }
  }

  private static void assertPasses(String file, Catalog catalog) {
    RuleTests tests = RuleTests.of(List.of(new RuleFile("rules.yaml", file)), catalog, null);
    assertThat(tests.run().results()).allSatisfy(result -> assertThat(result.failure()).isNull());
  }

  /** The issues of a file, of its rules and of its tests. */
  private static Compilation compile(String file, Catalog catalog) {
    List<RuleFile> files = List.of(new RuleFile("rules.yaml", file));
    Compilation rules = new RuleCompiler(files, Shop.DATABASE, null).compile(catalog);
    return rules.rules().isEmpty()
        ? rules
        : new Compilation(
            rules.rules(),
            Stream.concat(
                    rules.issues().stream(),
                    RuleTests.of(files, catalog, null).testIssues().stream())
                .toList());
  }

  @Test
  void theTableOfCodesIsThatOfThePage() throws IOException, IllegalAccessException {
    StringBuilder table = new StringBuilder();
    for (Field field : Codes.class.getFields()) {
      String code = (String) field.get(null);
      MessagePages.Page section = MessagePages.all().get(code);
      assertThat(section).as("a section ## %s in docs/messages.md", code).isNotNull();
      table
          .append("| [")
          .append(code)
          .append("](messages.md#")
          .append(code.toLowerCase(Locale.ROOT));
      table.append(") | ").append(Objects.requireNonNull(section).title()).append(" |\n");
    }
    String page = Files.readString(LANGUAGE);
    Matcher matcher = TABLE.matcher(page);
    assertThat(matcher.find()).isTrue();
    if (WRITE) {
      Files.writeString(LANGUAGE, matcher.replaceFirst(Matcher.quoteReplacement(table.toString())));
      return;
    }
    assertThat(matcher.group())
        .as("run this test with -Drowbell.write-reference=true to write it anew")
        .isEqualTo(table.toString());
  }
}
