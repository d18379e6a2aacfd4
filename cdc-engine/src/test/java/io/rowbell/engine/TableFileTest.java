package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableFileTest {
  private static final TableSchema ORDERS =
      new TableSchema(
          new TableId("public", "orders"),
          List.of(
              new Column("id", ColumnType.of(Kind.INTEGER, "bigint"), false),
              new Column("mood", ColumnType.enumOf("mood", List.of("sad", "glad")), true),
              new Column("Tags.", ColumnType.arrayOf(ColumnType.of(Kind.TEXT, "text")), true)),
          List.of(0),
          ReplicaIdentity.DEFAULT,
          List.of(0));
  private static final TableSchema LOG =
      new TableSchema(
          new TableId("audit.x", "log"),
          List.of(new Column("line", ColumnType.of(Kind.TEXT, "text"), true)),
          List.of(),
          ReplicaIdentity.FULL,
          List.of(0));
  private static final TableSchema NONE =
      new TableSchema(
          new TableId("public", "none"),
          List.of(new Column("a", ColumnType.of(Kind.NUMERIC, "numeric(4,2)"), true)),
          List.of(),
          ReplicaIdentity.NOTHING,
          List.of());
  private static final Catalog CATALOG =
      new Catalog(
          List.of("public", "audit.x"),
          Map.of(ORDERS.id(), ORDERS, LOG.id(), LOG, NONE.id(), NONE));

  private final Path file;

  TableFileTest(@TempDir Path directory) {
    file = directory.resolve(TableFile.NAME);
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    Files.writeString(file, TableFile.write(CATALOG));

    assertThat(TableFile.read(file)).isEqualTo(CATALOG);
  }

  @Test
  void theFormIsTheOneThatIsPublished() {
    assertThat(TableFile.write(new Catalog(List.of("public"), Map.of(ORDERS.id(), ORDERS))))
        .isEqualTo(
            """
            {
              "format" : 1,
              "search_path" : [ "public" ],
              "schemas" : {
                "public" : {
                  "orders" : {
                    "columns" : {
                      "id" : {
                        "type" : "bigint",
                        "kind" : "integer",
                        "not_null" : true
                      },
                      "mood" : {
                        "type" : "mood",
                        "kind" : "enum",
                        "labels" : [ "sad", "glad" ]
                      },
                      "Tags." : {
                        "type" : "text[]",
                        "kind" : "array",
                        "element" : {
                          "type" : "text",
                          "kind" : "text"
                        }
                      }
                    },
                    "primary_key" : [ "id" ],
                    "replica_identity" : "default",
                    "logged" : [ "id" ]
                  }
                }
              }
            }
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{                                                       | it is no JSON",
        "[]                                                      | the file is no object",
        "{\"format\": 2}                                         | its format is not 1",
        "{\"format\": 1, \"search_path\": []}                    | schemas is no object",
        "{\"format\": 1, \"search_path\": 1, \"schemas\": {}}    | search_path is no list of names",
        "{\"format\": 1, \"schemas\": {\"a\": {\"b\": {\"columns\": {\"c\": {\"kind\": \"x\"}}}}}} | 'x' of a.b.c is not known"
      })
  void aDamagedFileSaysWhatToDo(String text, String why) throws IOException {
    Files.writeString(file, text);

    assertThatThrownBy(() -> TableFile.read(file))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(why)
        .hasMessageContaining("Run 'rowbell schema pull' anew");
  }

  @Test
  void differencesAreNamed() {
    TableSchema changed =
        new TableSchema(
            ORDERS.id(),
            List.of(
                new Column("id", ColumnType.of(Kind.INTEGER, "integer"), false),
                new Column("mood", ColumnType.enumOf("mood", List.of("sad", "happy")), false),
                new Column("total", ColumnType.of(Kind.NUMERIC, "numeric"), false)),
            List.of(0),
            ReplicaIdentity.FULL,
            List.of(0, 1, 2));
    TableSchema keyed =
        new TableSchema(NONE.id(), NONE.columns(), List.of(0), ReplicaIdentity.NOTHING, List.of());
    TableSchema added =
        new TableSchema(
            new TableId("public", "z"), NONE.columns(), List.of(), ReplicaIdentity.FULL, List.of());
    Catalog live =
        new Catalog(
            List.of("public"), Map.of(changed.id(), changed, keyed.id(), keyed, added.id(), added));

    assertThat(TableDifferences.between(CATALOG, live))
        .containsExactly(
            "the search path is public",
            "audit.x.log is gone",
            "the key of public.none, or the order of its columns",
            "public.orders.id is integer and was bigint",
            "public.orders.mood has another mood",
            "public.orders.total is new",
            "public.orders.Tags. is gone",
            "public.orders has REPLICA IDENTITY FULL",
            "public.z is new");
    assertThat(TableDifferences.between(CATALOG, CATALOG)).isEmpty();
  }
}
