package io.rowbell.language.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.rowbell.language.RuleFile;
import io.rowbell.language.RuleFileSchema;
import io.rowbell.language.fuzz.RandomRuleFiles;
import io.rowbell.language.fuzz.RandomTables;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.yaml.YamlReader;
import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What editors are told of rule files. */
class RuleFileSchemaTest {
  private static final Path ROOT = Path.of("../..");
  private static final Path PUBLISHED = ROOT.resolve("docs/rules.schema.json");
  private static final Pattern EXAMPLE =
      Pattern.compile("```yaml\n(rules: v1\n.*?)```\n(\n```text)?", Pattern.DOTALL);

  private static final TableSchema STOCKS =
      new TableSchema(
          new TableId("public", "stocks"),
          List.of(
              new Column("id", ColumnType.of(Kind.INTEGER, "bigint"), false),
              new Column("symbol", ColumnType.of(Kind.TEXT, "text"), false),
              new Column("mood", ColumnType.enumOf("mood", List.of("sad", "glad")), true)),
          List.of(0),
          ReplicaIdentity.DEFAULT,
          List.of(0));
  private static final TableSchema BOOK =
      new TableSchema(
          new TableId("sales", "Order (Book)"),
          List.of(new Column("Order Id", ColumnType.of(Kind.INTEGER, "bigint"), false)),
          List.of(0),
          ReplicaIdentity.DEFAULT,
          List.of(0));
  private static final String OF_TABLES =
      RuleFileSchema.write(
          new Catalog(List.of("public"), Map.of(STOCKS.id(), STOCKS, BOOK.id(), BOOK)));

  private static List<String> messages(String schema, String yaml) {
    String json =
        Plain.json(
            Plain.of(Objects.requireNonNull(YamlReader.read("rules.yaml", yaml, new Problems()))));
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
        .getSchema(schema)
        .validate(json, InputFormat.JSON)
        .stream()
        .map(ValidationMessage::getMessage)
        .toList();
  }

  static Stream<String> examplesOfThePages() throws IOException {
    return Stream.of("docs/rule-language.md", "README.md")
        .flatMap(page -> EXAMPLE.matcher(read(ROOT.resolve(page))).results())
        .filter(match -> match.group(2) == null) // No messages below it.
        .map(match -> match.group(1));
  }

  static Stream<String> files() throws IOException {
    try (Stream<Path> found = Files.walk(ROOT.resolve("examples"))) {
      List<Path> files =
          found
              .filter(file -> file.toString().endsWith(".yaml"))
              .filter(file -> !file.toString().contains("/target/"))
              .filter(file -> read(file).contains("rules: v1"))
              .toList();
      assertThat(files).hasSizeGreaterThan(4);
      return files.stream().map(RuleFileSchemaTest::read);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void itIsPublished() throws IOException {
    if (Boolean.getBoolean("rowbell.publish")) {
      Files.writeString(PUBLISHED, RuleFileSchema.write());
    }
    assertThat(Files.readString(PUBLISHED))
        .as("write it anew with -Drowbell.publish=true")
        .isEqualTo(RuleFileSchema.write());
  }

  @ParameterizedTest
  @MethodSource({"examplesOfThePages", "files"})
  void whatIsShownIsTaken(String yaml) {
    assertThat(messages(RuleFileSchema.write(), yaml)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rules: v2\ntriggers: []",
        "rules: v1",
        "rules: v1\ntriggers: [{event: A, on: insert a}]",
        "rules: v1\ntriggers: [{event: A, on: insert a, data: row, wen: a}]",
        "rules: v1\ntriggers: [{event: A, on: insert a, data: row, for: 1m}]",
        "rules: v1\ntriggers: [{event: A, on: a, data: row, when: a, while: a}]",
        "rules: v1\ntriggers: [{event: A, on: insert a, data: row, cooldown: soon}]",
        "rules: v1\ntriggers: [{event: A, on: insert a, data: row, on_error: hlat}]",
        "rules: v1\ntriggers: []\ntests: [{test: a}]",
        "rules: v1\ntriggers: []\ntests: [{test: a, steps: [{inser a: {}}]}]",
        "rules: v1\ntriggers: []\ntests: [{test: a, steps: [{insert a: 1}]}]",
        "rules: v1\ntriggers: []\ntests: [{test: a, steps: [{expect: {}}]}]"
      })
  void whatIsWrongIsMarked(String yaml) {
    assertThat(messages(RuleFileSchema.write(), yaml)).isNotEmpty();
  }

  /** An editor that marks what is right teaches people to look away. */
  @Test
  void whateverCompilesIsTaken() {
    int compiled = 0;
    for (long seed = 1; seed <= 150; seed++) {
      Random random = new Random(seed);
      TableSchema wide = RandomTables.wide(random);
      TableSchema parts = RandomTables.parts(random);
      Catalog catalog = new Catalog(List.of("public"), Map.of(wide.id(), wide, parts.id(), parts));
      String yaml = new RandomRuleFiles(random).file();
      RuleTests tests = RuleTests.of(List.of(new RuleFile("rules.yaml", yaml)), catalog, null);
      // A constant null compiles, and an editor that marks it is right.
      if (tests.canRun() && !yaml.contains(": null\n")) {
        compiled++;
        assertThat(messages(RuleFileSchema.write(), yaml)).as(yaml).isEmpty();
        assertThat(messages(RuleFileSchema.write(catalog), yaml)).as(yaml).isEmpty();
      }
    }
    assertThat(compiled).isGreaterThan(20);
  }

  @Test
  void theTablesOfADatabaseAreKnown() {
    String begin = "rules: v1\ntriggers: []\ntests:\n  - test: a\n    steps:\n      - ";
    assertThat(messages(OF_TABLES, begin + "insert stocks: {id: 1, symbol: A, mood: null}"))
        .isEmpty();
    assertThat(messages(OF_TABLES, begin + "insert sales.\"Order (Book)\": {Order Id: 1}"))
        .isEmpty();
    assertThat(messages(OF_TABLES, begin + "insert stocks: {id: 1, symbl: A}")).isNotEmpty();
    assertThat(messages(OF_TABLES, begin + "insert stocks: {id: 1, symbol: null}")).isNotEmpty();
    assertThat(messages(OF_TABLES, begin + "update stocks: {id: 1, mood: mad}")).isNotEmpty();
    assertThat(messages(OF_TABLES, begin + "insert sales.\"Order (Book)\": {Order: 1}"))
        .isNotEmpty();
    assertThat(
            messages(
                OF_TABLES,
                "rules: v1\ntriggers: [{event: A, on: insert stocks, data: {id, b: id + 1}}]"))
        .isEmpty();
    assertThat(OF_TABLES)
        .contains("\"insert or update stocks\"", "\"truncate sales.\\\"Order (Book)\\\"\"");
  }
}
