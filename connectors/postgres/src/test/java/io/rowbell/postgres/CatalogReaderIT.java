package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import io.rowbell.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CatalogReaderIT {
  private static PostgresServer server;

  @BeforeAll
  static void start() throws SQLException {
    server = PostgresServer.start();
    server.execute("postgres", "CREATE ROLE bell LOGIN REPLICATION PASSWORD 'bell'");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void namesAreReadAsTheyAreSpeltAndSystemSchemasAreLeftOut() throws Exception {
    TestDatabase database = TestDatabase.create(server, "names");
    database.execute(
        """
        CREATE SCHEMA "Größe"; CREATE SCHEMA empty;
        CREATE TABLE "Größe"."Tür ""1"", {x}" ("Straße" int, "a.b" text, "select" bool);
        CREATE TABLE plain (); CREATE UNLOGGED TABLE unlogged (i int);
        CREATE VIEW a_view AS SELECT 1; CREATE SEQUENCE a_sequence;
        """);
    Catalog catalog = read(database);
    assertThat(catalog.tables().keySet())
        .containsExactlyInAnyOrder(
            new TableId("Größe", "Tür \"1\", {x}"),
            new TableId("public", "plain"),
            new TableId("public", "unlogged"));
    assertThat(table(catalog, "Größe", "Tür \"1\", {x}").columns())
        .extracting(Column::name)
        .containsExactly("Straße", "a.b", "select");
  }

  @Test
  void searchPathIsTheRoleS() throws Exception {
    TestDatabase database = TestDatabase.create(server, "paths");
    database.execute(
        """
        CREATE SCHEMA shop; CREATE SCHEMA bell; CREATE SCHEMA "odd, "" one";
        CREATE TABLE shop.t (i int); CREATE TABLE public.t (i int);
        ALTER ROLE bell IN DATABASE paths SET search_path = "$user", nowhere, SHOP, "odd, "" one", public;
        """);
    try (Connection connection = database.connections("bell", "bell").open()) {
      Catalog catalog =
          new CatalogReader(new TypeRegistry(database.connections())).read(connection);
      assertThat(catalog.searchPath()).containsExactly("bell", "shop", "odd, \" one", "public");
      assertThat(catalog.find("t")).map(TableSchema::id).contains(new TableId("shop", "t"));
      assertThat(connection.getAutoCommit()).isTrue();
    }
  }

  @Test
  void columnsStandInOrderWithoutDroppedOnes() throws Exception {
    TestDatabase database = TestDatabase.create(server, "columns");
    database.execute(
        """
        CREATE DOMAIN email AS varchar(20);
        CREATE TABLE t (gone int, b int NOT NULL, a numeric(10,2), e email,
          s int GENERATED ALWAYS AS (b + 1) STORED, v int GENERATED ALWAYS AS (b + 1) VIRTUAL,
          z text[] NOT NULL, PRIMARY KEY (z, b));
        ALTER TABLE t DROP COLUMN gone;
        ALTER TABLE t ADD COLUMN late timestamptz;
        ALTER TABLE t ADD CONSTRAINT checked NOT NULL late NOT VALID;
        """);
    TableSchema table = table(read(database), "public", "t");
    assertThat(table.columns())
        .extracting(Column::name)
        .containsExactly("b", "a", "e", "s", "v", "z", "late");
    assertThat(table.columns())
        .extracting(column -> column.type().sqlName())
        .containsExactly(
            "integer",
            "numeric(10,2)",
            "email",
            "integer",
            "integer",
            "text[]",
            "timestamp with time zone");
    assertThat(table.columns())
        .extracting(Column::nullable)
        .as("a NOT NULL that was never validated promises nothing")
        .containsExactly(false, true, true, true, true, false, true);
    assertThat(table.column(2).type().kind()).isEqualTo(Kind.TEXT);
    assertThat(table.primaryKey()).containsExactly(5, 0);
    assertThat(table.identity()).containsExactlyInAnyOrder(0, 5);
  }

  @Test
  void replicaIdentitySaysWhatIsLogged() throws Exception {
    TestDatabase database = TestDatabase.create(server, "identities");
    database.execute(
        """
        CREATE TABLE by_key (a int, b int PRIMARY KEY);
        CREATE TABLE keyless (a int);
        CREATE TABLE deferrable_key (a int PRIMARY KEY DEFERRABLE);
        CREATE TABLE whole (a int, b int); ALTER TABLE whole REPLICA IDENTITY FULL;
        CREATE TABLE none (a int PRIMARY KEY); ALTER TABLE none REPLICA IDENTITY NOTHING;
        CREATE TABLE by_index (a int PRIMARY KEY, b int, c int NOT NULL);
        CREATE UNIQUE INDEX by_c ON by_index (c);
        ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_c;
        CREATE TABLE lost_index (a int NOT NULL); CREATE UNIQUE INDEX lost ON lost_index (a);
        ALTER TABLE lost_index REPLICA IDENTITY USING INDEX lost; DROP INDEX lost;
        """);
    Catalog catalog = read(database);
    identity(catalog, "by_key", ReplicaIdentity.DEFAULT, 1);
    identity(catalog, "keyless", ReplicaIdentity.DEFAULT);
    identity(catalog, "deferrable_key", ReplicaIdentity.DEFAULT);
    identity(catalog, "whole", ReplicaIdentity.FULL, 0, 1);
    identity(catalog, "none", ReplicaIdentity.NOTHING);
    identity(catalog, "by_index", ReplicaIdentity.INDEX, 2);
    identity(catalog, "lost_index", ReplicaIdentity.INDEX);
    assertThat(table(catalog, "public", "deferrable_key").primaryKey()).containsExactly(0);
  }

  @Test
  void ofAPartitionedTableThatIsLoggedWhichEveryPartitionLogs() throws Exception {
    TestDatabase database = TestDatabase.create(server, "partitions");
    database.execute(
        """
        CREATE TABLE p (a int, b int, c int, PRIMARY KEY (a)) PARTITION BY RANGE (a);
        ALTER TABLE p REPLICA IDENTITY FULL;
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
        CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (30) PARTITION BY RANGE (a);
        CREATE TABLE p21 (c int, b int, a int NOT NULL);
        ALTER TABLE p2 ATTACH PARTITION p21 FOR VALUES FROM (10) TO (20);
        CREATE TABLE childless (a int) PARTITION BY RANGE (a);
        ALTER TABLE childless REPLICA IDENTITY FULL;
        """);
    Catalog catalog = read(database);
    identity(catalog, "p", ReplicaIdentity.DEFAULT, 0);
    identity(catalog, "childless", ReplicaIdentity.FULL, 0);
    database.execute("ALTER TABLE p1 REPLICA IDENTITY FULL");
    identity(read(database), "p", ReplicaIdentity.DEFAULT, 0);
    database.execute("ALTER TABLE p21 REPLICA IDENTITY FULL");
    identity(read(database), "p", ReplicaIdentity.FULL, 0, 1, 2);
    identity(read(database), "p21", ReplicaIdentity.FULL, 0, 1, 2);
  }

  @Test
  void thousandsOfTablesAreReadInSeconds() throws Exception {
    TestDatabase database = TestDatabase.create(server, "many");
    database.execute(
        """
        DO $$ BEGIN FOR i IN 1..3000 LOOP
          EXECUTE format('CREATE TABLE t%s (id bigint PRIMARY KEY, a text, b numeric(%s,2),
            c timestamptz, d jsonb, e int[], f date, g uuid)', i, i % 30 + 3);
        END LOOP; END $$
        """);
    TypeRegistry types = new TypeRegistry(database.connections());
    try (Connection connection = database.connections().open()) {
      long start = System.nanoTime();
      Catalog catalog = new CatalogReader(types).read(connection);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      assertThat(catalog.tables()).hasSize(3000);
      assertThat(took).isLessThan(Duration.ofSeconds(5));
    }
  }

  private static Catalog read(TestDatabase database) throws Exception {
    SqlConnections connections = database.connections("bell", "bell");
    try (Connection connection = connections.open()) {
      return new CatalogReader(new TypeRegistry(connections)).read(connection);
    }
  }

  private static TableSchema table(Catalog catalog, String schema, String name) {
    return catalog.find(new TableId(schema, name)).orElseThrow();
  }

  private static void identity(
      Catalog catalog, String name, ReplicaIdentity identity, Integer... columns) {
    TableSchema table = table(catalog, "public", name);
    assertThat(table.replicaIdentity()).as(name).isEqualTo(identity);
    assertThat(table.identity()).as(name).isEqualTo(List.of(columns));
  }
}
