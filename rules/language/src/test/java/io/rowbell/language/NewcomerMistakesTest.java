package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Issue;
import io.rowbell.model.Catalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What somebody who comes from SQL and YAML writes first, and what is printed: it says what is
 * wrong, where, and what to do next. {@code -Drowbell.write-reference=true} writes what is printed
 * anew.
 */
class NewcomerMistakesTest {
  private static final Path FOLDER = Path.of("src/test/resources/newcomer-mistakes");

  @TestFactory
  Stream<DynamicTest> isToldWhatToDoNext() throws IOException {
    Catalog catalog = PageTables.of(Files.readString(FOLDER.resolve("tables.sql")));
    List<Path> mistakes;
    try (Stream<Path> files = Files.list(FOLDER)) {
      mistakes = files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
    assertThat(mistakes).hasSizeGreaterThan(30);
    return mistakes.stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.getFileName().toString(), () -> assertPrinted(file, catalog)));
  }

  private static void assertPrinted(Path file, Catalog catalog) throws IOException {
    List<RuleFile> files = List.of(new RuleFile("rules.yaml", Files.readString(file)));
    Compilation compilation = new RuleCompiler(files, Shop.DATABASE, null).compile(catalog);
    Path printed = FOLDER.resolve(file.getFileName().toString().replace(".yaml", ".txt"));
    if (Boolean.getBoolean("rowbell.write-reference")) {
      Files.writeString(printed, compilation.render() + "\n");
    }
    assertThat(printed).hasContent(compilation.render() + "\n");
    assertThat(compilation.issues()).isNotEmpty().allMatch(NewcomerMistakesTest::helps);
  }

  private static boolean helps(Issue issue) {
    return issue.help() != null;
  }
}
