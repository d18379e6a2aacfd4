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
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * docs/messages.md: every example gives the message that is shown below it, and its mended form
 * none. {@code -Drowbell.write-reference=true} writes what is printed, and the table of codes in
 * docs/rule-language.md, anew.
 */
class MessagesPageTest {
  private static final Path PAGE = Path.of("../../docs/messages.md");
  private static final Path LANGUAGE = Path.of("../../docs/rule-language.md");

  /** Codes whose messages say by themselves what to do. */
  private static final Set<String> SELF_EXPLAINING = Set.of("R021", "E107", "E109", "E114", "W120");

  private static final boolean WRITE = Boolean.getBoolean("rowbell.write-reference");
  private static final Pattern SECTION = Pattern.compile("(?ms)^## (\\w+)\\n.*?(?=^## |\\z)");
  private static final Pattern FENCE = Pattern.compile("(?ms)^```(yaml|text)\\n(.*?)^```$");
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
    boolean compiled = code.matches("R\\d+|E1\\d+|W1\\d+");
    assertThat(rules).as("examples").hasSizeGreaterThanOrEqualTo(compiled ? 2 : 0);
    if (rules.isEmpty()) {
      return;
    }
    assertThat(rules).as("an example and its mended form").hasSize(2);
    Compilation wrong = compile(rules.get(0), catalog);
    Compilation mended = compile(rules.get(1), catalog);
    assertThat(wrong.render()).isEqualTo(shown);
    assertThat(mended.render()).isEmpty();
    if (!code.startsWith("X")) {
      assertThat(wrong.issues()).extracting(Issue::code).isNotEmpty().containsOnly(code);
      if (!SELF_EXPLAINING.contains(code)) {
        assertThat(wrong.issues()).as("what to do next").allMatch(issue -> issue.help() != null);
      }
    }
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
      table.append("| [").append(code).append("](messages.md#");
      table.append(code.toLowerCase(Locale.ROOT)).append(") | ");
      table.append(Objects.requireNonNull(section).title()).append(" |\n");
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
