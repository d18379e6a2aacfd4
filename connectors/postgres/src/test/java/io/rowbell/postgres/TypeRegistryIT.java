package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.testkit.PostgresServer;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TypeRegistryIT {
  private static PostgresServer server;
  private static TestDatabase database;

  private static TypeRegistry types;

  @BeforeAll
  static void start() throws SQLException {
    server = PostgresServer.start();
    database = TestDatabase.create(server, "types");
    types = new TypeRegistry(database.connections());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aTypeMadeLaterIsReadWhenItAppears() throws Exception {
    assertThat(types.type(23, -1).columnType()).isEqualTo(ColumnType.of(Kind.INTEGER, "integer"));
    database.execute("CREATE TYPE late AS ENUM ('a', 'b')");
    database.execute("CREATE DOMAIN later AS late[]");
    ColumnType type = types.type(oid("later"), -1).columnType();
    assertThat(type.kind()).isEqualTo(Kind.ARRAY);
    assertThat(type.sqlName()).isEqualTo("later");
    assertThat(type.element()).isEqualTo(ColumnType.enumOf("late", java.util.List.of("a", "b")));
  }

  @Test
  void anEnumWithANewLabelIsReadAnew() throws Exception {
    database.execute("CREATE TYPE level AS ENUM ('low', 'high')");
    SqlType old = types.type(oid("level"), -1);
    database.execute("ALTER TYPE level ADD VALUE 'middle' BEFORE 'high'");
    assertThat(types.type(oid("level"), -1)).as("nothing has shown yet").isSameAs(old);
    assertThat(old.decoder().decode("middle")).isEqualTo("middle");
    assertThat(types.type(oid("level"), -1).columnType().labels())
        .containsExactly("low", "middle", "high");
  }

  @Test
  void anEnumWithoutLabelsIsAnEnum() throws Exception {
    database.execute("CREATE TYPE nothing AS ENUM ()");
    assertThat(types.type(oid("nothing"), -1).columnType().kind()).isEqualTo(Kind.ENUM);
  }

  @Test
  void aDroppedTypeIsItsText() throws Exception {
    database.execute("CREATE TYPE gone AS ENUM ('a')");
    long oid = oid("gone");
    database.execute("DROP TYPE gone");
    SqlType type = types.type(oid, -1);
    assertThat(type.columnType().kind()).isEqualTo(Kind.OPAQUE);
    assertThat(type.columnType().sqlName()).isEqualTo("type " + oid + ", which was dropped");
    assertThat(type.decoder().decode("a")).isEqualTo("a");
  }

  @Test
  void aTableRowTypeAndItsArrayAreRead() throws Exception {
    database.execute("CREATE TABLE line (a int, b text)");
    assertThat(types.type(oid("line"), -1).columnType().kind()).isEqualTo(Kind.OPAQUE);
    assertThat(types.type(oid("line[]"), -1).columnType().kind()).isEqualTo(Kind.ARRAY);
  }

  private static long oid(String type) throws SQLException {
    return Long.parseLong(
        String.valueOf(database.queryOne("SELECT '" + type + "'::regtype::oid::bigint")));
  }
}
