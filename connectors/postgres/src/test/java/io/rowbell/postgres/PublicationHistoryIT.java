package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Requirements;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import io.rowbell.testkit.PostgresServer;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A publication that was altered since the journal last saw it. */
class PublicationHistoryIT {
  private static final Pattern TOKEN = Pattern.compile("accept-publication to (p[0-9a-f]{12})");

  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Followed followed(String name, String publication) throws Exception {
    return new Followed(
        server,
        name,
        "create table t (id int primary key); create table u (id int primary key);"
            + " create publication rowbell "
            + publication);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "table    | for table t | alter publication rowbell drop table t"
            + " | alter publication rowbell add table t | public.t was taken out",
        "schema   | for tables in schema public | alter publication rowbell drop tables in schema public"
            + " | alter publication rowbell add tables in schema public | public.t was taken out",
        "filter   | for table t | alter publication rowbell set table t where (id < 0)"
            + " | alter publication rowbell set table t | public.t was taken out",
        "whole    | for all tables | drop publication rowbell"
            + " | create publication rowbell for all tables | it is another one",
        "options  | for all tables | alter publication rowbell set (publish = 'delete')"
            + " | alter publication rowbell set (publish = 'insert, update, delete, truncate')"
            + " | its options were altered",
      })
  void whatWasLeftOutWhileStoppedIsNamedUntilItIsAccepted(
      String name, String publication, String narrow, String widen, String named) throws Exception {
    Followed db = followed("stopped_" + name, publication);
    db.sql("insert into t values (1)");
    db.changes(1, "public.t");
    db.sql(narrow);
    db.sql("insert into t values (2)");
    db.sql(widen);
    db.sql("insert into t values (3)");

    for (int attempt = 0; attempt < 2; attempt++) {
      assertThat(refusal(db, "public.t")).contains("E245", named, "may be missing");
    }
    assertThat(db.journal.texts()).containsExactly("INSERT public.t {id=1}");

    String refusal = refusal(db, "public.t");
    db.settings = RunningSource.accepting(db.settings, token(refusal));
    assertThat(db.changes(2, "public.t"))
        .containsExactly("INSERT public.t {id=1}", "INSERT public.t {id=3}");

    db.sql(narrow);
    db.sql(widen);
    assertThat(refusal(db, "public.t")).as("accepted once, not for ever").contains("E245");
  }

  @Test
  void aTableTakenOutAndAddedAgainWhileRunningStopsThePipeline() throws Exception {
    Followed db = followed("running", "for table t");
    try (RunningSource running = db.follow("public.t")) {
      db.sql("insert into t values (1)");
      running.await(1);
      db.sql("alter publication rowbell drop table t");
      db.sql("insert into t values (2)");
      db.sql("alter publication rowbell add table t");
      assertMismatch(running, "public.t was taken out");
    }
    assertThat(refusal(db, "public.t")).as("and stays found").contains("E245");
  }

  @Test
  void aPublicationDroppedWhileRunningStopsThePipeline() throws Exception {
    Followed db = followed("dropped", "for all tables");
    try (RunningSource running = db.follow("public.t")) {
      db.sql("insert into t values (1)");
      running.await(1);
      db.sql("drop publication rowbell");
      assertMismatch(running, "is gone");
    }
    db.sql("create publication rowbell for all tables");
    assertThat(refusal(db, "public.t")).contains("it is another one");
  }

  @Test
  void whatNoRuleNeedsMayComeAndGo() throws Exception {
    Followed db = followed("harmless", "for table t");
    try (RunningSource running = db.follow("public.t")) {
      db.sql("insert into t values (1)");
      running.await(1);
      db.sql("alter publication rowbell add table u");
      db.sql("alter publication rowbell set table t, u");
      db.sql("alter publication rowbell drop table u");
      db.sql("alter publication rowbell add tables in schema public");
      db.sql("comment on publication rowbell is 'ours'");
      db.sql("vacuum freeze pg_publication");
      db.sql("vacuum full pg_publication");
      awaitMarkers(db, 2);
      db.sql("insert into t values (2)");
      running.await(2);
      running.stop();
    }
    db.sql("alter publication rowbell add table u; insert into t values (3)");
    assertThat(db.changes(3, "public.t")).hasSize(3);
  }

  @Test
  void aTableThatRulesNewlyNeedIsTakenIn() throws Exception {
    Followed db = followed("newly", "for table t");
    db.sql("insert into t values (1)");
    db.changes(1, "public.t");
    db.sql("alter publication rowbell add table u");
    db.sql("insert into u values (2)");
    assertThat(db.changes(2, "public.t", "public.u")).hasSize(2);

    db.sql("alter publication rowbell drop table u");
    db.sql("alter publication rowbell add table u");
    assertThat(refusal(db, "public.t", "public.u")).contains("public.u was taken out");
    db.sql("insert into t values (3)");
    assertThat(db.changes(3, "public.t")).as("rules that do not need it go on").hasSize(3);
  }

  @Test
  void aTableThatIsDroppedIsRememberedUntilItIsMadeAnew() throws Exception {
    Followed db = followed("table_gone", "for table t, u");
    try (RunningSource running = db.follow("public.t", "public.u")) {
      db.sql("insert into u values (1)");
      running.await(1);
      db.sql("drop table u");
      awaitMarkers(db, 2);
      db.sql("create table u (id int primary key)");
      db.sql("alter publication rowbell add table u");
      assertMismatch(running, "public.u was taken out");
    }
  }

  @Test
  void aPartitionIsSentByWayOfItsRoot() throws Exception {
    Followed db = followed("parts", "for table t");
    db.sql("create table p (id int primary key) partition by range (id)");
    db.sql("create table p1 partition of p for values from (0) to (10)");
    db.sql("alter publication rowbell add table p; insert into p values (1)");
    db.changes(1, "public.p1");
    db.sql("alter publication rowbell drop table p; insert into p values (2)");
    db.sql("alter publication rowbell add table p");
    assertThat(refusal(db, "public.p1")).contains("public.p1 was taken out");
  }

  /** The text of the only error that a start is refused for. */
  private static String refusal(Followed db, String... tables) throws Exception {
    Requirements requirements = RunningSource.tables(tables);
    try (RunningSource running = db.follow(requirements)) {
      SourceException refusal = (SourceException) running.awaitFailure();
      assertThat(refusal.kind()).isEqualTo(Kind.POSITION_MISMATCH);
      assertThat(refusal.findings()).hasSize(1);
      return refusal.findings().toString();
    }
  }

  private static String token(String refusal) {
    Matcher token = TOKEN.matcher(refusal);
    assertThat(token.find()).as(refusal).isTrue();
    return token.group(1);
  }

  private static void assertMismatch(RunningSource running, String named) {
    SourceException failure = (SourceException) running.awaitFailure();
    assertThat(failure.kind()).isEqualTo(Kind.POSITION_MISMATCH);
    assertThat(failure.findings().toString()).contains("E245", named);
  }

  /** Each batch without changes is a marker's: the publication was looked at before it. */
  private static void awaitMarkers(Followed db, int more) {
    int before = db.journal.batches().size();
    org.awaitility.Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(30))
        .until(() -> db.journal.batches().size() >= before + more);
  }

  @Test
  void theFormOfTheEntryIsKept() {
    PublicationVersion version =
        new PublicationVersion(
            "16400",
            "771",
            "insert, truncate",
            new java.util.TreeMap<>(
                java.util.Map.of(
                    "\"odd=\n name\".t",
                    java.util.Set.of("table 1", "schema 2"),
                    "public.u",
                    java.util.Set.of())));
    byte[] bytes = Objects.requireNonNull(version.bytes());
    assertThat(PublicationVersion.parse(bytes)).isEqualTo(version);
    assertThat(version.token()).matches("p[0-9a-f]{12}");
  }
}
