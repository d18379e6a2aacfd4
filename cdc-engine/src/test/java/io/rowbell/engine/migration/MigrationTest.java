package io.rowbell.engine.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.migration.Migration.Note;
import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What SQL makes of tables, statement by statement. */
class MigrationTest {
  private static final String IDENTIFIED_BY_INDEX =
      "ALTER TABLE users REPLICA IDENTITY USING INDEX users_pkey;\n";

  private static final TableId USERS = new TableId("public", "users");
  private static final Catalog BEFORE =
      new Catalog(
          List.of("public"),
          Map.of(
              USERS,
              new TableSchema(
                  USERS,
                  List.of(
                      new Column("id", ColumnType.of(Kind.INTEGER, "bigint"), false),
                      new Column("email", ColumnType.of(Kind.TEXT, "text"), true),
                      new Column("mood", ColumnType.enumOf("mood", List.of("sad", "glad")), true),
                      new Column("Plan", ColumnType.of(Kind.TEXT, "text"), false)),
                  List.of(0),
                  ReplicaIdentity.DEFAULT,
                  List.of(0))));

  /** A table in one line: key columns with '*', nullable ones with '?'. */
  private static String tables(Catalog catalog) {
    return catalog.tables().values().stream()
        .sorted((a, b) -> a.id().compareTo(b.id()))
        .map(MigrationTest::table)
        .collect(Collectors.joining("; "));
  }

  private static String table(TableSchema table) {
    StringBuilder text = new StringBuilder(table.id() + "(");
    for (int i = 0; i < table.columns().size(); i++) {
      Column column = table.column(i);
      text.append(i == 0 ? "" : ", ")
          .append(column.name())
          .append(table.primaryKey().contains(i) ? "*" : column.nullable() ? "?" : "")
          .append(' ')
          .append(column.type())
          .append(column.type().labels().isEmpty() ? "" : column.type().labels());
    }
    return text.append(") ").append(table.replicaIdentity()).append(table.identity()).toString();
  }

  private static String after(String sql) {
    Migration migration = Migration.of(sql, BEFORE);
    assertThat(migration.notes()).isEmpty();
    return tables(migration.catalog());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ALTER TABLE users DROP COLUMN email | (id* bigint, mood? mood[sad, glad], Plan text) DEFAULT[0]",
        "alter table if exists only public.USERS drop if exists email cascade, add x int NOT NULL |"
            + " (id* bigint, mood? mood[sad, glad], Plan text, x integer) DEFAULT[0]",
        "ALTER TABLE users DROP COLUMN id | (email? text, mood? mood[sad, glad], Plan text) DEFAULT[]",
        "ALTER TABLE users RENAME COLUMN id TO user_id |"
            + " (user_id* bigint, email? text, mood? mood[sad, glad], Plan text) DEFAULT[0]",
        "ALTER TABLE users RENAME \"Plan\" TO plan |"
            + " (id* bigint, email? text, mood? mood[sad, glad], plan text) DEFAULT[0]",
        "ALTER TABLE users ALTER email TYPE varchar ( 20 ) USING left(email, 20) |"
            + " (id* bigint, email? character varying(20), mood? mood[sad, glad], Plan text) DEFAULT[0]",
        "ALTER TABLE users ALTER email SET DATA TYPE numeric(10, 2)[] |"
            + " (id* bigint, email? numeric(10,2)[], mood? mood[sad, glad], Plan text) DEFAULT[0]",
        "ALTER TABLE users ALTER email SET NOT NULL, ALTER \"Plan\" DROP NOT NULL |"
            + " (id* bigint, email text, mood? mood[sad, glad], Plan? text) DEFAULT[0]",
        "ALTER TABLE users REPLICA IDENTITY FULL |"
            + " (id* bigint, email? text, mood? mood[sad, glad], Plan text) FULL[0, 1, 2, 3]",
        "ALTER TABLE users REPLICA IDENTITY NOTHING |"
            + " (id* bigint, email? text, mood? mood[sad, glad], Plan text) NOTHING[]",
        "ALTER TABLE users DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (email, id) |"
            + " (id* bigint, email* text, mood? mood[sad, glad], Plan text) DEFAULT[1, 0]",
        "ALTER TYPE mood RENAME VALUE 'sad' TO 'it''s sad' |"
            + " (id* bigint, email? text, mood? mood[it's sad, glad], Plan text) DEFAULT[0]",
        "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'so so' BEFORE 'glad' |"
            + " (id* bigint, email? text, mood? mood[sad, so so, glad], Plan text) DEFAULT[0]",
        "DROP TYPE mood CASCADE | (id* bigint, email? text, Plan text) DEFAULT[0]",
        "CREATE TYPE size AS ENUM ('s', 'm'); ALTER TABLE users ADD COLUMN size size[] |"
            + " (id* bigint, email? text, mood? mood[sad, glad], Plan text, size? size[]) DEFAULT[0]",
        "ALTER TABLE users ADD COLUMN at timestamptz(3), ADD b timestamp with time zone |"
            + " (id* bigint, email? text, mood? mood[sad, glad], Plan text,"
            + " at? timestamp(3) with time zone, b? timestamp with time zone) DEFAULT[0]",
        "ALTER TABLE users ADD n bigserial, ADD m int GENERATED ALWAYS AS IDENTITY |"
            + " (id* bigint, email? text, mood? mood[sad, glad], Plan text, n bigint, m integer) DEFAULT[0]",
        "ALTER TABLE users ADD COLUMN IF NOT EXISTS email int |"
            + " (id* bigint, email? text, mood? mood[sad, glad], Plan text) DEFAULT[0]",
        "CREATE TABLE IF NOT EXISTS users (x int) |"
            + " (id* bigint, email? text, mood? mood[sad, glad], Plan text) DEFAULT[0]",
        "ALTER TABLE users REPLICA IDENTITY FULL; ALTER TABLE users REPLICA IDENTITY DEFAULT |"
            + " (id* bigint, email? text, mood? mood[sad, glad], Plan text) DEFAULT[0]",
        "ALTER TABLE users REPLICA IDENTITY USING INDEX users_pkey |"
            + " (id* bigint, email? text, mood? mood[sad, glad], Plan text) INDEX[0]",
        "ALTER TABLE users REPLICA IDENTITY FULL; ALTER TABLE users DROP email |"
            + " (id* bigint, mood? mood[sad, glad], Plan text) FULL[0, 1, 2]",
        "ALTER TYPE mood ADD VALUE 'so so' AFTER 'sad'; ALTER TYPE mood RENAME TO feeling |"
            + " (id* bigint, email? text, mood? feeling[sad, so so, glad], Plan text) DEFAULT[0]",
        "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'sad' |"
            + " (id* bigint, email? text, mood? mood[sad, glad], Plan text) DEFAULT[0]",
      })
  void statementsDoToATableWhatPostgresWould(String sql, String expected) {
    assertThat(after(sql)).isEqualTo("public.users" + expected);
  }

  @Test
  void tablesAreRenamedMovedDroppedAndMade() {
    assertThat(after("ALTER TABLE users RENAME TO people")).startsWith("public.people(id* bigint");
    assertThat(after("ALTER TABLE users SET SCHEMA app")).startsWith("app.users(id* bigint");
    assertThat(after("ALTER SCHEMA public RENAME TO app")).startsWith("app.users(id* bigint");
    assertThat(after("DROP TABLE IF EXISTS users, nothing CASCADE")).isEmpty();
    assertThat(after("DROP SCHEMA public CASCADE")).isEmpty();
    assertThat(
            after(
                """
                BEGIN;
                SET LOCAL search_path TO app, public;
                ALTER TABLE users RENAME TO users_old; -- one table takes the place of another;
                CREATE TABLE public.users (id uuid PRIMARY KEY, note text DEFAULT ';');
                DROP TABLE users_old;
                COMMIT;
                """))
        .isEqualTo("public.users(id* uuid, note? text) DEFAULT[0]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO users VALUES (1)",
        "CREATE INDEX CONCURRENTLY i ON users (email)",
        "CREATE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END $$ LANGUAGE plpgsql",
        "COMMENT ON TABLE users IS 'x; y'",
        "GRANT SELECT ON users TO PUBLIC",
        "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE users ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES users (id) NOT VALID",
        "ALTER TABLE users OWNER TO somebody",
        "ALTER TABLE users ALTER email SET STORAGE EXTERNAL",
        "ALTER TABLE users RENAME CONSTRAINT a TO b",
        "CREATE OR REPLACE VIEW v AS SELECT * FROM users",
        "SET lock_timeout = '1s'",
        "DROP INDEX i",
      })
  void whatIsHarmlessChangesNothing(String sql) {
    assertThat(after(sql)).isEqualTo(tables(BEFORE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE users FROB",
        "DO $$ BEGIN ALTER TABLE users DROP email; END $$",
        "DROP OWNED BY somebody",
        "ALTER PUBLICATION rowbell DROP TABLE users",
        "\\connect other",
        "DROP EXTENSION citext CASCADE",
      })
  void whatIsNotUnderstoodIsSaid(String sql) {
    Migration migration = Migration.of("SELECT 1;\n\n" + sql + ";\nSELECT 2;", BEFORE);

    assertThat(migration.isUnderstood()).isFalse();
    assertThat(migration.notes())
        .first()
        .satisfies(note -> assertThat(note.line()).isEqualTo(3))
        .satisfies(note -> assertThat(note.what()).startsWith("not understood: " + sql));
  }

  @Test
  void aTableWhoseChangesAreNotLoggedAnyMoreIsSaid() {
    assertThat(Migration.of("ALTER TABLE users SET UNLOGGED", BEFORE).notes())
        .containsExactly(
            new Note(
                1,
                false,
                "public.users becomes unlogged: its changes are not in the log any more"));
    assertThat(Migration.of("ALTER TABLE users SET LOGGED", BEFORE).notes()).isEmpty();
  }

  /** Without its index, PostgreSQL refuses the application's UPDATE. */
  @ParameterizedTest
  @CsvSource({
    "DROP INDEX i, index i may be",
    "DROP INDEX CONCURRENTLY IF EXISTS public.i, index i may be",
    "ALTER TABLE users DROP CONSTRAINT c, constraint c may have the index that is",
  })
  void anIndexThatMayBeAReplicaIdentityIsSaid(String sql, String said) {
    Migration migration = Migration.of(IDENTIFIED_BY_INDEX + sql, BEFORE);

    assertThat(migration.isUnderstood()).isFalse();
    assertThat(migration.notes())
        .containsExactly(
            new Note(
                2,
                false,
                said
                    + " the replica identity of public.users: without it PostgreSQL refuses UPDATE"
                    + " and DELETE of a published table"));
  }

  @Test
  void anIndexOfAnotherSchemaIsNoReplicaIdentity() {
    assertThat(Migration.of(IDENTIFIED_BY_INDEX + "DROP INDEX other.i", BEFORE).notes()).isEmpty();
  }

  @Test
  void whatIsTakenForGrantedIsSaid() {
    assertThat(Migration.of("ALTER TABLE users DROP CONSTRAINT c", BEFORE).notes())
        .containsExactly(
            new Note(
                1,
                true,
                "constraint c is taken for another than the primary key of public.users, which is"
                    + " called users_pkey unless it was named"));
    assertThat(Migration.of("ALTER TABLE users ADD x geometry", BEFORE).notes())
        .containsExactly(new Note(1, true, "type geometry is taken for text of a type of its own"));
    assertThat(Migration.of("ALTER TABLE users REPLICA IDENTITY USING INDEX i", BEFORE).notes())
        .containsExactly(
            new Note(1, true, "which columns index i has is not known here: taken for none"));
    assertThat(Migration.of("ALTER TABLE users ADD PRIMARY KEY USING INDEX i", BEFORE).notes())
        .containsExactly(
            new Note(
                1,
                true,
                "which columns the index of this primary key has is not known here: taken for"
                    + " none"));
    assertThat(Migration.of("CREATE TABLE a (LIKE users, n int)", BEFORE).notes())
        .containsExactly(
            new Note(1, true, "the columns that public.a takes from elsewhere are not looked for"));
    assertThat(Migration.of("CREATE TABLE a AS SELECT 1", BEFORE).notes())
        .containsExactly(
            new Note(1, true, "a table made of a query is taken for one that no rule names"));
    assertThat(Migration.of("ALTER TABLE usrs DROP x", BEFORE).notes())
        .containsExactly(
            new Note(1, true, "there is no table public.usrs: what is done to it is left aside"));
  }
}
