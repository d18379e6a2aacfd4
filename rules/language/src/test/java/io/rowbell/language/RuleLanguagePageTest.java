package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.expression.KeyedHash;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.testing.RuleTests;
import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
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
  private static final Pattern TABLE =
      Pattern.compile("CREATE TABLE (?:(\\w+)\\.)?(\\w+|\"[^\"]+\") \\((.*)\\);");
  private static final Pattern KEY_OF_SEVERAL = Pattern.compile(", PRIMARY KEY \\((.*?)\\)");
  private static final Pattern COLUMN =
      Pattern.compile(
          "(\\w+|\"[^\"]+\") (\\w+(?:\\([0-9,]+\\))?)( NOT NULL)?( PRIMARY KEY)?(?:, |$)");

  @TestFactory
  Stream<DynamicTest> everyExampleCompiles() throws IOException {
    String page = Files.readString(PAGE);
    Catalog catalog = catalog(page);
    List<MatchResult> examples = EXAMPLE.matcher(page).results().toList();
    assertThat(examples).hasSizeGreaterThan(5);
    return examples.stream()
        .map(
            example ->
                DynamicTest.dynamicTest(
                    "line " + page.substring(0, example.start()).lines().count(),
                    () -> assertIssues(example, catalog)));
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

  @Test
  void everyCodeStandsOnThePage() throws IOException, IllegalAccessException {
    String page = Files.readString(PAGE);
    for (Field code : Codes.class.getFields()) {
      assertThat(page).contains("| " + code.get(null) + " |");
    }
  }

  private static Catalog catalog(String page) {
    Map<TableId, TableSchema> tables = new HashMap<>();
    Matcher statement = TABLE.matcher(page);
    while (statement.find()) {
      String schema = Objects.requireNonNullElse(statement.group(1), "public");
      TableId id = new TableId(schema, unquoted(statement.group(2)));
      boolean full = page.contains("ALTER TABLE " + id.name() + " REPLICA IDENTITY FULL");
      tables.put(id, table(id, statement.group(3), full));
    }
    assertThat(tables).hasSizeGreaterThan(5);
    return new Catalog(List.of("public"), tables);
  }

  private static TableSchema table(TableId id, String body, boolean full) {
    List<Column> columns = new ArrayList<>();
    List<String> key = new ArrayList<>();
    Matcher several = KEY_OF_SEVERAL.matcher(body);
    if (several.find()) {
      key.addAll(Arrays.asList(several.group(1).split(", ")));
    }
    Matcher column = COLUMN.matcher(several.replaceAll(""));
    while (column.find()) {
      String name = unquoted(column.group(1));
      boolean nullable = column.group(3) == null && column.group(4) == null;
      columns.add(
          new Column(name, ColumnType.of(kind(column.group(2)), column.group(2)), nullable));
      if (column.group(4) != null) {
        key.add(name);
      }
    }
    List<String> names = columns.stream().map(Column::name).toList();
    List<Integer> primaryKey = key.stream().map(names::indexOf).toList();
    return new TableSchema(
        id,
        columns,
        primaryKey,
        full ? ReplicaIdentity.FULL : ReplicaIdentity.DEFAULT,
        full ? IntStream.range(0, columns.size()).boxed().toList() : primaryKey);
  }

  private static Kind kind(String type) {
    return switch (type.replaceAll("\\(.*", "")) {
      case "bigint", "int" -> Kind.INTEGER;
      case "numeric" -> Kind.NUMERIC;
      case "text" -> Kind.TEXT;
      case "timestamptz" -> Kind.TIMESTAMP_TZ;
      case "uuid" -> Kind.UUID;
      case "jsonb" -> Kind.JSON;
      default -> throw new IllegalArgumentException(type);
    };
  }

  private static String unquoted(String name) {
    return name.replace("\"", "");
  }
}
