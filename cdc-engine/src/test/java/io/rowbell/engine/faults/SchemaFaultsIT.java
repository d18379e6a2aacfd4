package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.ExitCode;
import io.rowbell.engine.faults.FaultCase.Beside;
import io.rowbell.testkit.JournalEvent;
import io.rowbell.testkit.Ledger;
import io.rowbell.testkit.LedgerWorkload;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables, types, identities and the publication are altered in the midst of transactions. */
class SchemaFaultsIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int SOME_COMMITS = 10;
  private static final Pattern ACCEPT = Pattern.compile("accept-publication to (\\w+)");

  @TempDir private Path directory;

  private static final String THINGS =
      """
      CREATE TYPE mood AS ENUM ('calm', 'glad');
      CREATE TABLE things (id int PRIMARY KEY, name text, size int, feels mood, spare int)
      """;

  private static String made(String data) {
    return "  - {event: Made, on: insert things, key: string(id), data: {%s}}\n".formatted(data);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F20 columns, types and labels are altered inside transactions")
  void f20AlteredInMidTransaction(JournalKind journal) throws Exception {
    Beside beside = new Beside(THINGS, made("id, name, size, feels"));
    try (FaultCase fault = FaultCase.begin("F20", journal, directory, beside)) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        altered(
            fault,
            "INSERT INTO things VALUES (1, 'a', 1, 'calm', 0)",
            "ALTER TABLE things ADD later text DEFAULT 'x'",
            "INSERT INTO things VALUES (2, 'b', 2, 'glad', 0, 'y')",
            "ALTER TABLE things DROP spare",
            "INSERT INTO things VALUES (3, 'c', 3, 'calm', 'z')");
        altered(
            fault,
            "INSERT INTO things VALUES (4, 'd', 4, 'glad')",
            "ALTER TABLE things ALTER size TYPE text USING size || ' cm'",
            "INSERT INTO things VALUES (5, 'e', '5 cm', 'calm')");
        load.awaitCommits(SOME_COMMITS);
        awaitMade(fault, engine, 5);
      }
      fault.injected();
      altered(
          fault,
          "INSERT INTO things VALUES (6, 'f', '6 cm', 'glad')",
          "ALTER TYPE mood RENAME VALUE 'glad' TO 'merry'",
          "INSERT INTO things VALUES (7, 'g', '7 cm', 'merry')",
          "ALTER TYPE mood ADD VALUE 'odd'");
      altered(
          fault,
          "INSERT INTO things VALUES (8, 'h', '8 cm', 'odd')",
          "SAVEPOINT s",
          "ALTER TABLE things RENAME name TO title",
          "INSERT INTO things VALUES (-1, 'gone', 'gone', 'odd')",
          "ROLLBACK TO s",
          "INSERT INTO things VALUES (9, 'i', '9 cm', 'odd')");
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        awaitMade(fault, engine, 9);
        altered(
            fault,
            "INSERT INTO things VALUES (10, 'j', '10 cm', 'odd')",
            "ALTER TABLE things RENAME name TO title",
            "INSERT INTO things VALUES (11, 'k', '11 cm', 'odd')");
        load.awaitCommits(SOME_COMMITS);
        engine.awaitEnd(ExitCode.CONFIGURATION, "public.things was altered", "E101", "title");
      }
      assertThat(made(fault)).as("what follows the alteration is not read").hasSize(10);
      fault.rules(made("id, name: title, size, feels"));
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        awaitMade(fault, engine, 11);
        altered(
            fault,
            "INSERT INTO things VALUES (12, 'l', '12 cm', 'odd')",
            "ALTER TABLE things DROP title",
            "INSERT INTO things VALUES (13, '13 cm', 'odd')");
        engine.awaitEnd(ExitCode.CONFIGURATION, "public.things was altered", "E101", "title");
      }
      assertThat(made(fault)).hasSize(12);
      fault.rules(made("id, size, feels"));
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
      assertThat(made(fault))
          .containsExactly(
              "{\"id\":1,\"name\":\"a\",\"size\":1,\"feels\":\"calm\"}",
              "{\"id\":2,\"name\":\"b\",\"size\":2,\"feels\":\"glad\"}",
              "{\"id\":3,\"name\":\"c\",\"size\":3,\"feels\":\"calm\"}",
              "{\"id\":4,\"name\":\"d\",\"size\":4,\"feels\":\"glad\"}",
              "{\"id\":5,\"name\":\"e\",\"size\":\"5 cm\",\"feels\":\"calm\"}",
              "{\"id\":6,\"name\":\"f\",\"size\":\"6 cm\",\"feels\":\"glad\"}",
              "{\"id\":7,\"name\":\"g\",\"size\":\"7 cm\",\"feels\":\"merry\"}",
              "{\"id\":8,\"name\":\"h\",\"size\":\"8 cm\",\"feels\":\"odd\"}",
              "{\"id\":9,\"name\":\"i\",\"size\":\"9 cm\",\"feels\":\"odd\"}",
              "{\"id\":10,\"name\":\"j\",\"size\":\"10 cm\",\"feels\":\"odd\"}",
              "{\"id\":11,\"name\":\"k\",\"size\":\"11 cm\",\"feels\":\"odd\"}",
              "{\"id\":12,\"name\":\"l\",\"size\":\"12 cm\",\"feels\":\"odd\"}",
              "{\"id\":13,\"size\":\"13 cm\",\"feels\":\"odd\"}");
    }
  }

  /** One transaction. */
  private static void altered(FaultCase fault, String... statements) throws SQLException {
    fault.postgres().execute(fault.database(), "BEGIN;" + String.join(";", statements) + ";COMMIT");
    fault.passed();
  }

  private static List<String> made(FaultCase fault) throws SQLException {
    return fault.journal().events().stream()
        .filter(event -> event.type().equals("Made"))
        .map(JournalEvent::data)
        .toList();
  }

  private static void awaitMade(FaultCase fault, EngineProcess engine, int count)
      throws SQLException {
    Duration unused = fault.awaitProgress(engine, SOON);
    assertThat(made(fault)).hasSize(count);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F21 the publication is made anew while a transaction is open")
  void f21PublicationMadeAnew(JournalKind journal) throws Exception {
    Beside beside = new Beside("CREATE TABLE beside (id int PRIMARY KEY)", "");
    try (FaultCase fault = FaultCase.begin("F21", journal, directory, beside)) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      String name = "\"" + fault.database() + "\"";
      String refusal;
      try (EngineProcess engine = fault.engine();
          Connection open = fault.postgres().connect(fault.database());
          Statement held = open.createStatement()) {
        engine.awaitReady();
        open.setAutoCommit(false);
        held.execute("INSERT INTO beside VALUES (1)");
        altered(fault, "ALTER TABLE ledger ADD more text");
        held.execute("INSERT INTO ledger VALUES (-1, 1, 0, 'held')");
        altered(
            fault,
            "DROP PUBLICATION " + name,
            "CREATE PUBLICATION " + name + " FOR TABLE accounts, ledger");
        held.execute("INSERT INTO ledger VALUES (-2, 1, 0, 'held')");
        load.awaitCommits(SOME_COMMITS);
        open.commit();
        fault.recovered(engine.awaitEnd(ExitCode.POSITION_MISMATCH, "E245"));
        refusal = engine.output();
      }
      fault.refused(ExitCode.POSITION_MISMATCH, "E245");
      fault.settings("max-batch-changes: 500, accept-publication: \"" + token(refusal) + '"');
      // Made anew in one transaction, it was there for every change.
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }

  private static String token(String refusal) {
    Matcher token = ACCEPT.matcher(refusal);
    assertThat(token.find()).as(refusal).isTrue();
    return token.group(1);
  }

  private static final String BIG = "repeat(md5(random()::text), 500)";

  private static final String DOCS =
      """
      CREATE TABLE docs (id int PRIMARY KEY, state text, body text);
      ALTER TABLE docs ALTER body SET STORAGE EXTERNAL
      """;

  private static final String ABOUT_DOCS =
      """
        - {event: Written, on: insert docs, key: string(id), data: {id, state, size: "size(body)"}}
        - {event: Changed, on: update docs, key: string(id), data: {id, state, size: "size(body)"}}
        - {event: Removed, on: delete docs, key: string(id), data: {id}}
        - {event: Emptied, on: truncate docs, data: "{'table': table}"}
      """;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F22 TRUNCATE, keys that change, identities that are switched, large values")
  void f22IdentitiesAndLargeValues(JournalKind journal) throws Exception {
    Beside beside = new Beside(DOCS, ABOUT_DOCS);
    try (FaultCase fault = FaultCase.begin("F22", journal, directory, beside)) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        rewritten(fault);
        load.awaitCommits(SOME_COMMITS);
        Duration unused = fault.awaitProgress(engine, SOON);
        assertThat(aboutDocs(fault)).isEqualTo(ONE_ROUND);
      }
      fault.injected();
      rewritten(fault);
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
      List<String> told = aboutDocs(fault);
      assertThat(told).hasSize(2 * ONE_ROUND.size());
      assertThat(told.subList(0, ONE_ROUND.size())).isEqualTo(ONE_ROUND);
      assertThat(told.subList(ONE_ROUND.size(), told.size())).isEqualTo(ONE_ROUND);
    }
  }

  /** What {@link #rewritten} must be told as; what was not logged is left out and named. */
  private static final List<String> ONE_ROUND =
      List.of(
          "1 Written {\"id\":1,\"state\":\"a\",\"size\":16000} nothing",
          "1 Changed {\"id\":1,\"state\":\"b\"} size",
          "1 Changed {\"id\":1,\"state\":\"c\",\"size\":16000} nothing",
          "1 Changed {\"id\":1,\"state\":\"d\"} size",
          "1 Removed {\"id\":1} nothing",
          "2 Written {\"id\":2,\"state\":\"d\"} size",
          "2 Removed {\"id\":2} nothing",
          "1 Written {\"id\":1,\"state\":\"d\",\"size\":16000} nothing",
          "1 Removed {\"id\":1} nothing",
          "2 Written {\"id\":2,\"state\":\"d\",\"size\":16000} nothing",
          "null Emptied {\"table\":\"docs\"} nothing");

  private static void rewritten(FaultCase fault) throws SQLException {
    altered(
        fault,
        "INSERT INTO docs VALUES (1, 'a', " + BIG + ")",
        "UPDATE docs SET state = 'b'",
        "ALTER TABLE docs REPLICA IDENTITY FULL",
        "UPDATE docs SET state = 'c'",
        "ALTER TABLE docs REPLICA IDENTITY DEFAULT",
        "UPDATE docs SET state = 'd'",
        "SAVEPOINT s",
        "UPDATE docs SET id = 3",
        "ROLLBACK TO s",
        "UPDATE docs SET id = 2");
    altered(
        fault,
        "ALTER TABLE docs REPLICA IDENTITY FULL",
        "SAVEPOINT s",
        "TRUNCATE docs",
        "ROLLBACK TO s",
        "UPDATE docs SET id = 1",
        "UPDATE docs SET id = 2",
        "ALTER TABLE docs REPLICA IDENTITY DEFAULT",
        "TRUNCATE docs");
  }

  /** Key, type, data and what is missing. */
  private static List<String> aboutDocs(FaultCase fault) throws SQLException {
    return fault.journal().events().stream()
        .filter(event -> !Ledger.tells(event))
        .map(
            event ->
                "%s %s %s %s"
                    .formatted(
                        event.key(),
                        event.type(),
                        event.data(),
                        Objects.requireNonNullElse(event.missing(), "nothing")))
        .toList();
  }
}
