package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.Verifier.Progress;
import io.rowbell.engine.cli.Main;
import io.rowbell.engine.verify.Discrepancy.Kind;
import io.rowbell.spi.FailPoint;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.KafkaOperator;
import io.rowbell.testkit.LedgerWorkload;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An audit beside an engine that is killed, stalled, and whose journal others write to. */
class VerifyIT {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final Duration GRACE = Duration.ofSeconds(2);

  /** All that rules can remember, and what time brings. */
  private static final String REMEMBERING =
      """
      - event: Moved
        on: update accounts
        key: string(id)
        when: abs(balance - last.balance) >= 20
        cooldown: 300ms
        data: {id, balance, was: last.balance}
      - event: Busy
        on: update accounts
        key: string(id)
        when: count_over(balance != 0, '5s') >= 3
        data: {id, version}
      - event: Rested
        on: accounts
        key: string(id)
        while: balance != 0
        for: 700ms
        data: {id, version}
      - event: Booked
        on: update accounts
        key: string(id)
        with: {entries: ledger by account}
        data: {id, entries: size(entries)}
      """;

  private static final String GRADED =
      """
      - event: Graded
        on: insert ledger
        key: string(account)
        data: {id, grade}
      """;

  /** What is there as well once rules were changed. */
  private static final String TWICE =
      """
      - event: Twice
        on: insert ledger
        key: string(account)
        data: {id, twice: amount * 2}
      """;

  private static final Duration SENDER_TIMEOUT = Duration.ofSeconds(4);

  /** The cluster gives up what a dead writer left open after thrice that time, not after 60 s. */
  private static final String OPEN_FOR_A_WHILE = "timeout: 10s, transaction-timeout: 12s";

  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void nothingIsFoundWhileTheEngineIsKilledAndStartedAgain(JournalKind journal) throws Exception {
    try (FaultCase fault =
            FaultCase.begin(
                "verify",
                journal,
                directory,
                CaseSettings.USUAL.kafka(OPEN_FOR_A_WHILE).triggers(REMEMBERING),
                "ALTER DATABASE verify_%s SET wal_sender_timeout = %d"
                    .formatted(journal.label(), SENDER_TIMEOUT.toMillis()));
        EngineProcess first = fault.engine()) {
      first.awaitReady();
      // What rules remember by then is part of where the audit begins.
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      load.awaitCommits(10);
      try (RunningVerifier verifier = new RunningVerifier(directory, GRACE)) {
        verifier.await(progress -> progress.begun() == 1);
        int before = fault.journal().events().size();
        verifier.await(progress -> progress.events().found() > 20);
        first.process().kill();
        fault.injected();
        if (journal == JournalKind.KAFKA) {
          fault.haltUnseen(FailPoint.KAFKA_SENT, 3);
          // Nobody reads beyond its open transaction, and for so long that a silent reader is lost.
          Awaitility.await()
              .during(SENDER_TIMEOUT.multipliedBy(2))
              .atMost(SENDER_TIMEOUT.multipliedBy(3))
              .until(() -> verifier.progress().begun() == 1);
        }
        try (EngineProcess second = fault.engine()) {
          second.awaitReady();
          fault.verify(second);
          int since = fault.journal().events().size() - before;
          verifier.await(
              progress ->
                  progress.events().found() + progress.events().leftOut() >= since
                      && isAllFound(progress));

          Progress progress = verifier.progress();
          assertThat(progress.events().isKept()).as("%s", verifier.told()).isTrue();
          assertThat(progress.begun()).as("%s", verifier.told()).isEqualTo(1);
          assertThat(progress.events().expected()).isGreaterThan(100);
          assertThat(progress.transactions()).isGreaterThan(20);
          if (journal == JournalKind.KAFKA) {
            whatOthersWriteToATopicIsFound(fault.database() + ".events", verifier);
          }
        }
      }
    }
  }

  private static boolean isAllFound(Progress progress) {
    return progress.events().inFlight() == 0 && progress.events().unexplained() == 0;
  }

  private static void whatOthersWriteToATopicIsFound(String topic, RunningVerifier verifier) {
    try (KafkaOperator operator = new KafkaOperator(FaultServers.broker())) {
      operator.repeatLast(topic, null);
      operator.repeatLast(topic, UUID.randomUUID().toString());
    }
    verifier.await(
        progress ->
            progress.events().count(Kind.DOUBLED) == 1
                && progress.events().count(Kind.UNEXPECTED) == 1);
  }

  @Test
  void changedRulesAlteredTablesAndLostConnectionsAreNothingWrong() throws Exception {
    try (FaultCase fault =
            FaultCase.begin(
                "verify_changed",
                JournalKind.SQLITE,
                directory,
                CaseSettings.USUAL.triggers(GRADED),
                "ALTER TABLE ledger ADD grade int NOT NULL DEFAULT 1");
        EngineProcess engine = fault.engine()) {
      engine.awaitReady();
      fault.workload(fault.gentleLoad());
      try (RunningVerifier verifier = new RunningVerifier(directory, GRACE)) {
        awaitMore(verifier);

        fault.rules(CaseSettings.USUAL.triggers(GRADED + TWICE).rules(fault.database()));
        engine.reload(fault.database());
        verifier.await(progress -> progress.begun() == 2);
        assertThat(verifier.told()).anyMatch(note -> note.contains("other rules have taken over"));
        awaitMore(verifier);

        fault
            .postgres()
            .execute(
                fault.database(),
                "ALTER TABLE ledger ADD note text DEFAULT 'x', ALTER grade TYPE text");
        awaitMore(verifier);

        assertThat(
                fault
                    .postgres()
                    .query(
                        fault.database(),
                        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                            + " WHERE temporary AND database = current_database()"))
            .hasSize(1);
        fault.passed();
        verifier.await(progress -> progress.begun() == 3);
        awaitMore(verifier);

        fault.verify(engine);
        verifier.await(VerifyIT::isAllFound);
        assertThat(verifier.progress().events().wrong()).as("%s", verifier.told()).isEmpty();
        assertThat(fault.journal().events())
            .anyMatch(event -> event.data().contains("\"grade\":1"))
            .anyMatch(event -> event.data().contains("\"grade\":\"1\""));
        tamper(fault.journalFile());
        enter(fault, 9001, 10);
        verifier.await(progress -> progress.events().count(Kind.MISSING) == 3);
        assertThat(verifier.progress().events().wrong()).containsOnlyKeys(Kind.MISSING);
      }
    }
  }

  /** So much that what came before is surely compared. */
  private static void awaitMore(RunningVerifier verifier) {
    verifier.await(progress -> progress.begun() > 0);
    long before = verifier.progress().events().found();
    verifier.await(progress -> progress.events().found() > before + 100);
  }

  @Test
  void whatIsWrongWithAFileAndWhatStandsStillIsTold() throws Exception {
    try (FaultCase fault = FaultCase.begin("verify_wrong", JournalKind.SQLITE, directory);
        EngineProcess engine = fault.engine()) {
      engine.awaitReady();
      try (JavaProcess verify =
          JavaProcess.of(Main.class)
              .directory(directory)
              .args("verify", "--grace", "2s", "--every", "1s", "-o", "json")
              .start()) {
        String unused = verify.awaitLine("the audit begins", BOUND);

        engine.process().suspend();
        enter(fault, 9000, 1);
        assertThat(verify.awaitLine("\"finding\":\"late\"", BOUND)).contains("\"key\":\"9000\"");
        unused = verify.awaitLine("\"inFlight\":1", BOUND);
        engine.process().resume();
        unused = verify.awaitLine("\"found\":1", BOUND);

        tamper(fault.journalFile());
        enter(fault, 9001, 10);
        enter(fault, 9002, 20);
        enter(fault, 9003, 30);
        enter(fault, 9003, 31);
        enter(fault, 9004, 40, 41);
        enter(fault, 9005, 50);
        for (String wrong :
            List.of(
                "missing\":3",
                "doubled\":1",
                "outOfOrder\":1",
                "different\":1",
                "unexpected\":1")) {
          unused = awaitAnywhere(verify, "\"" + wrong);
        }

        verify.terminate();
        assertThat(verify.awaitExit(BOUND)).isEqualTo(1);
        List<String> lines = verify.output();
        assertThat(lines.get(lines.size() - 1))
            .contains("\"what\":\"summary\"", "\"missing\":3,\"doubled\":1,\"outOfOrder\":1")
            .contains("\"different\":1,\"unexpected\":1,\"late\":1,\"inFlight\":0");
        assertThat(lines)
            .anyMatch(
                line ->
                    line.contains("\"finding\":\"missing\",\"code\":\"X601\"")
                        && line.contains("\"key\":\"9001\""))
            .anyMatch(
                line ->
                    line.contains("\"finding\":\"doubled\"") && line.contains("\"key\":\"9003\""))
            .anyMatch(
                line ->
                    line.contains("\"finding\":\"outOfOrder\"")
                        && line.contains("\"key\":\"9004\""))
            .anyMatch(
                line ->
                    line.contains("\"finding\":\"different\"") && line.contains("\"key\":\"9002\""))
            .anyMatch(
                line ->
                    line.contains("\"finding\":\"unexpected\"")
                        && line.contains("\"key\":\"9005\""));
      }
    }
  }

  private static String awaitAnywhere(JavaProcess process, String part) {
    org.awaitility.Awaitility.await()
        .atMost(BOUND)
        .until(() -> process.output().stream().anyMatch(line -> line.contains(part)));
    return part;
  }

  /** One transaction of entries of one account. */
  private static void enter(FaultCase fault, int account, int... ids) throws Exception {
    StringBuilder sql = new StringBuilder("BEGIN;");
    for (int id : ids) {
      sql.append("INSERT INTO ledger VALUES (%d, %d, 1, 'x');".formatted(900_000 + id, account));
    }
    fault.postgres().execute(fault.database(), sql + "COMMIT");
  }

  /** Somebody else's triggers spoil what the engine writes, in the same durable step. */
  private static void tamper(Path file) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 10000");
      for (String trigger :
          List.of(
              "lose AFTER INSERT ON event WHEN NEW.key = '9001'"
                  + " BEGIN DELETE FROM event WHERE seq = NEW.seq; END",
              "spoil AFTER INSERT ON event WHEN NEW.key = '9002'"
                  + " BEGIN UPDATE event SET data = CAST('{}' AS BLOB) WHERE seq = NEW.seq; END",
              "double AFTER INSERT ON event WHEN NEW.key = '9003'"
                  + " AND EXISTS (SELECT 1 FROM event WHERE key = '9003' AND seq < NEW.seq)"
                  + " BEGIN UPDATE event SET (id, extensions, data, time) = (SELECT id, extensions,"
                  + " data, time FROM event WHERE key = '9003' AND seq < NEW.seq)"
                  + " WHERE seq = NEW.seq; END",
              "swap AFTER INSERT ON event WHEN NEW.key = '9004'"
                  + " AND EXISTS (SELECT 1 FROM event WHERE key = '9004' AND seq = NEW.seq - 1)"
                  + " BEGIN UPDATE event SET seq = -1 WHERE seq = NEW.seq;"
                  + " UPDATE event SET seq = NEW.seq WHERE seq = NEW.seq - 1;"
                  + " UPDATE event SET seq = NEW.seq - 1 WHERE seq = -1; END",
              "forge AFTER INSERT ON event WHEN NEW.key = '9005'"
                  + " BEGIN UPDATE event SET id = randomblob(16) WHERE seq = NEW.seq; END")) {
        statement.execute("CREATE TRIGGER " + trigger);
      }
    }
  }
}
