package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.expression.KeyedHash;
import io.rowbell.language.testing.RuleTests;
import io.rowbell.model.Catalog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What docs/rule-language.md shows is compiled against the tables it shows; where it shows messages
 * below an example, they are those.
 */
class RuleLanguagePageTest {
  private static final Path PAGE = Path.of("../../docs/rule-language.md");
  private static final Pattern EXAMPLE =
      Pattern.compile(
          "```yaml\\n(rules: v1\\n.*?)```\\n(?:\\n```text\\n(.*?)```)?", Pattern.DOTALL);

  private static final Pattern NAME = Pattern.compile("`(\\w+)`");

  @TestFactory
  Stream<DynamicTest> everyExampleCompiles() throws IOException {
    String page = Files.readString(PAGE);
    Catalog catalog = PageTables.of(page);
    List<MatchResult> examples = EXAMPLE.matcher(page).results().toList();
    assertThat(examples).hasSizeGreaterThan(5);
    return examples.stream()
        .map(
            example ->
                DynamicTest.dynamicTest(
                    "line " + page.substring(0, example.start()).lines().count(),
                    () -> assertIssues(example, catalog)));
  }

  /** A key that nobody wrote down is none. */
  @Test
  void everyKeyOfARuleIsInTheGrammarAndInTheTable() throws IOException {
    String page = Files.readString(PAGE);
    String table =
        page.substring(page.indexOf("| Key | Meaning | Default |"), page.indexOf("## `on`"));
    List<String> described =
        table
            .lines()
            .filter(line -> line.startsWith("| `"))
            .flatMap(
                line ->
                    NAME.matcher(line.substring(0, line.indexOf('|', 1)))
                        .results()
                        .map(name -> name.group(1)))
            .sorted()
            .toList();
    assertThat(described).isEqualTo(RuleKeys.names(RuleKeys.TRIGGER).stream().sorted().toList());
    String grammar = page.substring(page.indexOf("trigger  :="), page.indexOf("on       :="));
    assertThat(RuleKeys.names(RuleKeys.TRIGGER))
        .allSatisfy(key -> assertThat(grammar).containsPattern("\\b" + key + "\\b"));
  }

  private static void assertIssues(MatchResult example, Catalog catalog) {
    KeyedHash hash = new KeyedHash("a key of sixteen bytes".getBytes(StandardCharsets.UTF_8));
    List<RuleFile> files = List.of(new RuleFile("rules.yaml", example.group(1)));
    Compilation compilation = new RuleCompiler(files, Shop.DATABASE, hash).compile(catalog);
    assertThat(compilation.render())
        .isEqualTo(Objects.requireNonNullElse(example.group(2), "").strip());
    if (compilation.rules().isPresent()) {
      RuleTests tests = RuleTests.of(files, catalog, hash);
      assertThat(tests.testIssues()).isEmpty();
      assertThat(tests.run().results()).allSatisfy(result -> assertThat(result.failure()).isNull());
    }
  }
}
