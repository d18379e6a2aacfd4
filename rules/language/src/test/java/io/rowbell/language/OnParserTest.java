package io.rowbell.language;

import static io.rowbell.model.Operation.DELETE;
import static io.rowbell.model.Operation.INSERT;
import static io.rowbell.model.Operation.SNAPSHOT;
import static io.rowbell.model.Operation.TRUNCATE;
import static io.rowbell.model.Operation.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import io.rowbell.model.Operation;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnParserTest {
  private final Problems problems = new Problems();

  @Test
  void readsOperationsAndTables() {
    assertTable("insert users", Set.of(INSERT), null, "users");
    assertTable("INSERT or Update Sales.Orders", Set.of(INSERT, UPDATE), "sales", "orders");
    assertTable(
        "snapshot or insert or update or delete or truncate t",
        Set.of(SNAPSHOT, INSERT, UPDATE, DELETE, TRUNCATE),
        null,
        "t");
    assertTable(
        "delete \"Sales\".\"Order \"\"Book\"\"\"", Set.of(DELETE), "Sales", "Order \"Book\"");
    assertTable("insert größe_1$", Set.of(INSERT), null, "größe_1$");
    assertTable("insert update", Set.of(INSERT), null, "update");
    assertTable("insert \"or\"", Set.of(INSERT), null, "or");
  }

  @Test
  void readsColumnLists() {
    OnClause.Table on =
        assertTable("update payments(status, \"Paid At\" )", Set.of(UPDATE), null, "payments");

    assertThat(on.columns())
        .extracting(OnClause.ListedColumn::name)
        .containsExactly("status", "Paid At");
    assertThat(on.columns().get(1).text().at(0).column()).isEqualTo(25);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "message reports,reports",
        "message   my.app/Reports-1,my.app/Reports-1",
        "message \"two words\",two words",
        "MESSAGE Reports,Reports"
      })
  void readsThePrefixOfMessages(String text, String prefix) {
    assertThat(parse(text)).isEqualTo(new OnClause.Messages(prefix));
    assertThat(problems.issues()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "`` | 1 | an operation is expected here",
        "orders | 1 | an operation must stand before the table 'orders'",
        "orders(status) | 1 | an operation must stand before the table 'orders'",
        "inser users | 1 | there is no operation 'inser'",
        "insert or updat users | 11 | there is no operation 'updat'",
        "insert or insert users | 11 | 'insert' stands twice",
        "insert or message x | 1 | 'message' cannot be combined with other operations",
        "insert | 7 | a table is expected here",
        "insert or | 10 | an operation is expected after 'or'",
        "insert users orders | 14 | nothing more is expected here",
        "insert users, orders | 13 | nothing more is expected here",
        "insert sales. | 14 | a table is expected after the schema",
        "insert a.b.c | 11 | nothing more is expected here",
        "insert \"users | 8 | a table is expected here",
        "insert \"\" | 8 | a table is expected here",
        "insert users(id) | 13 | a column list asks which columns an update changed, and there is no 'update' here",
        "update users( | 14 | a column is expected here",
        "update users() | 14 | a column is expected here",
        "update users(a b) | 16 | ')' or ',' is expected here",
        "update users(a,) | 16 | a column is expected here",
        "message | 8 | the prefix of the messages is expected here",
        "message a b | 9 | a prefix with spaces in it stands between double quotes",
        "message \"a | 9 | this quote does not close around a prefix",
        "message \"a\" b | 13 | nothing more is expected here",
      })
  void saysWhatIsExpectedWhere(String text, int column, String message) {
    assertThat(parse(text)).isNull();
    assertThat(problems.issues())
        .extracting(issue -> issue.code() + " " + issue.location().column() + " " + issue.message())
        .containsExactly("R009 " + column + " " + message);
  }

  @Test
  void randomTextNeverThrows() {
    String[] parts = {
      "insert", "or", " ", "update", "(", ")", ",", "\"", ".", "a", "message", "\t"
    };
    for (long seed = 0; seed < 5_000; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(10); i >= 0; i--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      Problems seen = new Problems();
      OnClause on = OnParser.parse(Text.of("f", text.toString()), seen);
      assertThat(on == null).as("seed %d: <%s>", seed, text).isEqualTo(seen.hasErrors());
    }
  }

  private @Nullable OnClause parse(String text) {
    return OnParser.parse(Text.of("f", text), problems);
  }

  private OnClause.Table assertTable(
      String text, Set<Operation> operations, @Nullable String schema, String table) {
    OnClause.Table on = (OnClause.Table) java.util.Objects.requireNonNull(parse(text));
    assertThat(on.operations()).isEqualTo(operations);
    assertThat(on.schema()).isEqualTo(schema);
    assertThat(on.table()).isEqualTo(table);
    assertThat(problems.issues()).isEmpty();
    return on;
  }
}
