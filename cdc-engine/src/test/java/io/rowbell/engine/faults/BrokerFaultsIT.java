package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.ExitCode;
import io.rowbell.model.Position;
import io.rowbell.spi.FailPoint;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.KafkaOperator;
import io.rowbell.testkit.LedgerWorkload;
import io.rowbell.testkit.LostReplies;
import io.rowbell.testkit.TcpProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal's cluster gives transactions up, dies, hangs, loses replies and refuses. */
class BrokerFaultsIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  /** As long as a client of Kafka may take by its own defaults, and a little. */
  private static final Duration LONG_STANDSTILL = Duration.ofSeconds(130);

  /** Long enough for readiness to be asked about it. */
  private static final Duration STALL = Movement.STILL.plusSeconds(1);

  private static final int COMMITS_BETWEEN = 15;

  private static KafkaBroker broker;

  @TempDir private Path directory;

  @BeforeAll
  static void start() {
    broker = FaultServers.broker();
  }

  private FaultCase begin(String number, CaseSettings settings) throws Exception {
    return FaultCase.begin(number, JournalKind.KAFKA, directory, settings);
  }

  @Test
  @DisplayName("F07 stopped inside a transaction, for longer than the cluster waits")
  void f07StoppedPastTheTransactionTimeout() throws Exception {
    try (FaultCase fault = begin("F07", CaseSettings.IMPATIENT);
        KafkaOperator operator = new KafkaOperator(broker)) {
      fault.workload(fault.gentleLoad());
      for (int i = 0; i < FaultOptions.faults(1, 30); i++) {
        try (EngineProcess engine =
            fault.engine(FailPoint.KAFKA_SENT.option("suspend@" + (3 + i)))) {
          engine.awaitSuspended(FailPoint.KAFKA_SENT);
          fault.begun();
          Awaitility.await()
              .atMost(SOON)
              .until(() -> operator.hasAborted("rowbell." + fault.database() + ".journal."));
          if (FaultOptions.LONG) {
            fault.awaitNoStream();
            fault.awaitStill(STALL);
          }
          engine.process().resume();
          fault.healed();
          // It is told that the transaction was given up, or has no answer in time.
          engine.awaitLine("waiting: appending up to");
          fault.recovered(fault.awaitProgress(engine));
        }
      }
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }

  @Test
  @DisplayName("F12 the broker is killed inside a transaction")
  void f12TheBrokerIsKilled() throws Exception {
    try (FaultCase fault = begin("F12a", CaseSettings.IMPATIENT)) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine(FailPoint.KAFKA_SENT.option("suspend@3"))) {
        engine.awaitSuspended(FailPoint.KAFKA_SENT);
        fault.begun();
        Position durable = fault.journal().durable().orElseThrow();
        broker.kill();
        engine.process().resume();
        engine.awaitLine("is not available");
        fault.awaitNoStream();
        assertThat(fault.slot().confirmed()).isLessThanOrEqualTo(durable);
        broker.restart();
        fault.healed();
        fault.recovered(fault.awaitProgress(engine));
        // And wherever it happens to be.
        for (int i = 1; i < FaultOptions.faults(1, 100); i++) {
          load.awaitCommits(COMMITS_BETWEEN);
          broker.kill();
          broker.restart();
          fault.passed();
          fault.recovered(fault.awaitProgress(engine));
        }
        fault.verify(engine);
      } finally {
        if (!broker.isRunning()) {
          broker.restart();
        }
      }
    }
  }

  @Test
  @DisplayName("F12 the broker stands still for longer than anybody waits for it")
  void f12TheBrokerStandsStill() throws Exception {
    CaseSettings settings = FaultOptions.LONG ? CaseSettings.USUAL : CaseSettings.IMPATIENT;
    try (FaultCase fault = begin("F12b", settings)) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        load.awaitCommits(COMMITS_BETWEEN);
        long began = System.nanoTime();
        fault.begun();
        broker.suspend();
        try {
          engine.awaitUnready(Promised.STALL.plus(Promised.BUSY_MACHINE));
          engine.awaitLine("is not available");
          fault.awaitNoStream();
          Position told = fault.slot().confirmed();
          if (FaultOptions.LONG) {
            Awaitility.await()
                .atMost(LONG_STANDSTILL.multipliedBy(2))
                .until(() -> System.nanoTime() - began > LONG_STANDSTILL.toNanos());
          } else {
            // Whatever it tries meanwhile: it is turned away a second time.
            engine.awaitLine("is not available");
          }
          engine.awaitGrowth(
              "rowbell_source_retained_wal_bytes",
              "rowbell_source_lag_bytes",
              "rowbell_source_lag_seconds");
          assertThat(engine.ready()).isFalse();
          assertThat(fault.slot().confirmed()).isEqualTo(told);
        } finally {
          broker.resume();
        }
        fault.healed();
        fault.recovered(fault.awaitProgress(engine));
        fault.verify(engine);
      }
    }
  }

  @Test
  @DisplayName("F13 the reply to a commit is lost")
  void f13TheReplyToACommitIsLost() throws Exception {
    try (FaultCase fault = begin("F13", CaseSettings.IMPATIENT)) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        for (int i = 0; i < FaultOptions.faults(2, 50); i++) {
          load.awaitCommits(COMMITS_BETWEEN);
          fault.begun();
          // First one, which the client asks for again; then all, until it gives up: not known.
          boolean all = i % 2 == 1;
          LostReplies lost = new LostReplies(LostReplies.END_TXN, all ? Integer.MAX_VALUE : 1);
          broker.proxy().tap(lost);
          broker.proxy().cut();
          Awaitility.await().atMost(SOON).until(() -> lost.lost() > 0);
          if (all) {
            engine.awaitLine("is not available");
          }
          broker.proxy().tap(() -> TcpProxy.Tap.NONE);
          broker.proxy().cut();
          fault.healed();
          fault.recovered(fault.awaitProgress(engine));
        }
        fault.verify(engine);
      } finally {
        broker.proxy().tap(() -> TcpProxy.Tap.NONE);
      }
    }
  }

  @Test
  @DisplayName("F14 a topic is not there, and is made later")
  void f14ATopicIsNotThere() throws Exception {
    String pipeline = "f14a_kafka";
    Map<String, String> compacted = Map.of("cleanup.policy", "compact");
    try (KafkaOperator operator = new KafkaOperator(broker)) {
      operator.makeTopic(pipeline + ".state", compacted);
      operator.makeTopic(pipeline + ".subscribers", compacted);
      operator.makeTopic(pipeline + ".dead-letters", Map.of("retention.ms", "-1"));
    }
    try (FaultCase fault = begin("F14a", CaseSettings.USUAL.kafka("create-topics: false"));
        KafkaOperator operator = new KafkaOperator(broker)) {
      fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitEnd(
            ExitCode.DESTINATION_FATAL,
            "there is no topic " + pipeline + ".events",
            "create-topics is false: make it");
        fault.injected();
      }
      operator.makeTopic(pipeline + ".events", Map.of());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }

  @Test
  @DisplayName("F14 a permission is taken away, and given back")
  void f14APermissionIsTakenAway() throws Exception {
    try (FaultCase fault = begin("F14b", CaseSettings.USUAL);
        KafkaOperator operator = new KafkaOperator(broker)) {
      String topic = fault.database() + ".events";
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        load.awaitCommits(COMMITS_BETWEEN);
        operator.withdraw(topic);
        engine.awaitEnd(ExitCode.DESTINATION_FATAL, "does not permit it", topic, "grant");
        fault.injected();
      }
      try (EngineProcess engine = fault.engine()) {
        engine.awaitEnd(ExitCode.DESTINATION_FATAL, "does not permit it", topic, "grant");
        fault.injected();
      } finally {
        operator.permit(topic);
      }
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }
}
