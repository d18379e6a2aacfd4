package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Change;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.testkit.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PartitionsIT {
  private static final String TABLES =
      """
      create table m (id int, at date, v text, primary key (id, at)) partition by range (at);
      create table m1 partition of m for values from ('2026-01-01') to ('2026-02-01');
      create table m2 partition of m for values from ('2026-02-01') to ('2026-03-01');
      """;
  private static final String ROWS =
      """
      insert into m values (1, '2026-01-05', 'a');
      update m set v = 'b';
      update m set at = '2026-02-05';
      delete from m;
      """;

  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void rowsAreTheRootsIfPublishedByWayOfIt() throws Exception {
    Followed db =
        new Followed(
            server,
            "by_root",
            "create publication rowbell for all tables with (publish_via_partition_root)");
    db.sql(TABLES);
    db.sql(ROWS);
    assertThat(db.changes(5, "public.m"))
        .containsExactly(
            "INSERT public.m {id=1, at=2026-01-05, v=a}",
            "UPDATE public.m {id=1, at=2026-01-05} -> {id=1, at=2026-01-05, v=b}",
            "DELETE public.m {id=1, at=2026-01-05}",
            "INSERT public.m {id=1, at=2026-02-05, v=b}",
            "DELETE public.m {id=1, at=2026-02-05}");
  }

  @Test
  void rowsAreThePartitionsOtherwise() throws Exception {
    Followed db = new Followed(server, "by_leaf");
    db.sql(TABLES);
    db.sql(ROWS);
    assertThat(db.changes(5, "public.m1", "public.m2"))
        .containsExactly(
            "INSERT public.m1 {id=1, at=2026-01-05, v=a}",
            "UPDATE public.m1 {id=1, at=2026-01-05} -> {id=1, at=2026-01-05, v=b}",
            "DELETE public.m1 {id=1, at=2026-01-05}",
            "INSERT public.m2 {id=1, at=2026-02-05, v=b}",
            "DELETE public.m2 {id=1, at=2026-02-05}");
  }

  @Test
  void aPartitionThatLogsLessThanItsRootSaysNotLoggedAndNotNull() throws Exception {
    Followed db =
        new Followed(
            server,
            "narrow",
            "create publication rowbell for all tables with (publish_via_partition_root)");
    db.sql(TABLES + "alter table m replica identity full");
    db.sql("insert into m values (1, '2026-01-05', 'a'); update m set v = 'b'; delete from m");
    assertThat(db.changes(3, "public.m"))
        .containsExactly(
            "INSERT public.m {id=1, at=2026-01-05, v=a}",
            "UPDATE public.m {id=1, at=2026-01-05} -> {id=1, at=2026-01-05, v=b}",
            "DELETE public.m {id=1, at=2026-01-05}");
    Change.TableChange first = (Change.TableChange) db.journal.changes().get(0);
    assertThat(first.table().replicaIdentity()).isEqualTo(ReplicaIdentity.DEFAULT);
  }

  @Test
  void aPartitionWithItsOwnOrderOfColumnsFits() throws Exception {
    Followed db =
        new Followed(
            server,
            "attached",
            "create publication rowbell for all tables with (publish_via_partition_root)");
    db.sql(
        """
        create table m (id int primary key, v text, n int) partition by range (id);
        create table m1 (gone int, n int, v text, id int primary key);
        alter table m1 drop column gone;
        alter table m attach partition m1 for values from (0) to (100);
        insert into m values (1, 'a', 7)
        """);
    assertThat(db.changes(1, "public.m")).containsExactly("INSERT public.m {id=1, v=a, n=7}");
  }
}
