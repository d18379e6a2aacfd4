package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rowbell.engine.ModelJournal.Fault;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.engine.config.JournalConfig;
import io.rowbell.engine.config.SourceConfig;
import io.rowbell.engine.config.WatchdogConfig;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableSchema;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.SourceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine's two loops over a source and a journal in memory. */
@Timeout(60)
class EngineTest {
  private static final String RULES =
      """
      rules: v1
      triggers:
        - rule: orders
          event: "Order{status}"
          on: insert orders
          data: {id, status}
      """;

  @TempDir private Path directory;

  private final ScriptedSource source = new ScriptedSource();
  private final ModelJournal journal = new ModelJournal();
  private final List<String> handled = Collections.synchronizedList(new ArrayList<>());

  private Engine.Builder engine(String rules) throws IOException {
    Path file = Files.writeString(directory.resolve("rules.yaml"), rules);
    return Engine.from(
        new EngineConfig(
            "test",
            directory,
            new SourceConfig<>(source, new ScriptedSource.Settings()),
            List.of(file),
            new JournalConfig<>(journal, new ModelJournal.Settings()),
            List.of(),
            null,
            null,
            WatchdogConfig.byDefault(),
            Map.of(),
            null,
            EngineTest.class.getClassLoader()));
  }

  /** Runs until a handler has been called with so many events. */
  private Engine runUntilHandled(int count, Engine.Builder builder) throws InterruptedException {
    CountDownLatch latch = new CountDownLatch(count);
    Engine engine =
        builder
            .on(
                "handler",
                Set.of(),
                event -> {
                  handled.add(event.type());
                  latch.countDown();
                })
            .start();
    assertThat(latch.await(30, TimeUnit.SECONDS)).as("handled: %s", handled).isTrue();
    return engine;
  }

  @Test
  void changesBecomeEventsThatReachTheirHandlers() throws Exception {
    source.inserted(1, "Placed").inserted(2, "Paid");
    try (Engine engine = runUntilHandled(2, engine(RULES))) {
      assertThat(engine.status().state()).isEqualTo(EngineState.RUNNING);
      assertThat(engine.readiness().ready()).isTrue();
    }
    assertThat(handled).containsExactly("OrderPlaced", "OrderPaid");
    assertThat(journal.events().get(0).data()).hasToString("{\"id\":1,\"status\":\"Placed\"}");
    assertThat(source.confirmed()).isEqualTo(journal.resume().checkpoint());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anAppendOfUnknownOutcomeIsNeitherRepeatedNorLost(boolean done) throws Exception {
    source.inserted(1, "A").inserted(2, "B").inserted(3, "C");
    journal.failing(new Fault(JournalException.Kind.UNAVAILABLE, done));
    runUntilHandled(3, engine(RULES)).close();
    assertThat(journal.types()).containsExactly("OrderA", "OrderB", "OrderC");
    assertThat(journal.events()).extracting(DomainEvent::id).doesNotHaveDuplicates();
    assertThat(journal.openings()).isEqualTo(2);
  }

  @Test
  void aFullJournalIsWaitedForWithoutBeingClosed() throws Exception {
    source.inserted(1, "A");
    Fault full = new Fault(JournalException.Kind.FULL, false);
    journal.failing(full, full);
    runUntilHandled(1, engine(RULES)).close();
    assertThat(journal.types()).containsExactly("OrderA");
    assertThat(journal.openings()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"FENCED", "FATAL"})
  void aJournalThatCannotGoOnEndsTheEngine(JournalException.Kind kind) throws Exception {
    source.inserted(1, "A");
    journal.failing(new Fault(kind, false));
    try (Engine engine = engine(RULES).start()) {
      assertThat(engine.awaitStop()).isEqualTo(ExitCode.DESTINATION_FATAL);
      assertThat(engine.status().state()).isEqualTo(EngineState.FAILED);
      assertThat(engine.readiness().ready()).isFalse();
    }
    assertThat(source.confirmed()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "UNREACHABLE, SOURCE_UNREACHABLE",
    "MISCONFIGURED, CONFIGURATION",
    "POSITION_MISMATCH, POSITION_MISMATCH",
    "FAILED, INTERNAL"
  })
  void aSourceThatCannotGoOnEndsTheEngine(SourceException.Kind kind, ExitCode code)
      throws Exception {
    source.inserted(1, "A").thenFails(kind);
    try (Engine engine = engine(RULES).start()) {
      assertThat(engine.awaitStop()).isEqualTo(code);
      assertThat(engine.failure())
          .get()
          .extracting(Throwable::getMessage)
          .isEqualTo("a fault of the test");
    }
    assertThat(journal.types()).containsExactly("OrderA");
  }

  @Test
  void aBrokenCursorIsOpenedAnewAndItsEventsComeAgain() throws Exception {
    source.inserted(1, "A");
    journal.failingCommits(JournalException.Kind.UNAVAILABLE);
    runUntilHandled(2, engine(RULES)).close();
    assertThat(handled).containsExactly("OrderA", "OrderA");
    assertThat(journal.types()).containsExactly("OrderA");
  }

  @Test
  void aSecondRunGoesOnWhereTheFirstEnded() throws Exception {
    source.inserted(1, "A");
    runUntilHandled(1, engine(RULES)).close();
    source.inserted(2, "B");
    runUntilHandled(1, engine(RULES)).close();
    assertThat(journal.types()).containsExactly("OrderA", "OrderB");
    assertThat(handled).containsExactly("OrderA", "OrderB");
  }

  @Test
  void aRuleThatFailsLeavesADeadLetterAndOthersFlow() throws Exception {
    source.inserted(1, "A");
    runUntilHandled(
            1,
            engine(
                """
                rules: v1
                triggers:
                  - event: Broken
                    on: insert orders
                    data: {x: 1 / (id - 1)}
                  - event: Sound
                    on: insert orders
                    data: {id}
                """))
        .close();
    assertThat(journal.types()).containsExactly("Sound");
    assertThat(journal.deadLetters()).hasSize(1);
    assertThat(journal.deadLetters().get(0).rule()).isEqualTo("Broken");
  }

  @Test
  void aRuleThatHaltsStopsTheEngineBeforeAnythingOfTheBatchIsDurable() throws Exception {
    source.inserted(1, "A");
    try (Engine engine =
        engine(
                """
                rules: v1
                triggers:
                  - event: Sound
                    on: insert orders
                    data: {id}
                  - event: Broken
                    on: insert orders
                    data: {x: 1 / (id - 1)}
                    on_error: halt
                """)
            .start()) {
      assertThat(engine.awaitStop()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(engine.failure())
          .get()
          .extracting(Throwable::getMessage)
          .asString()
          .contains("rule 'Broken' says on_error: halt")
          .contains("0/80");
    }
    assertThat(journal.types()).isEmpty();
    assertThat(source.confirmed()).isNull();
  }

  @Test
  void anAlteredTableIsCompiledForAgain() throws Exception {
    TableSchema wider =
        new TableSchema(
            ScriptedSource.ORDERS.id(),
            List.of(
                new Column("note", ColumnType.of(ColumnType.Kind.TEXT, "text"), true),
                new Column("id", ColumnType.of(ColumnType.Kind.INTEGER, "bigint"), false),
                new Column("status", ColumnType.of(ColumnType.Kind.TEXT, "text"), true)),
            List.of(1),
            ReplicaIdentity.FULL,
            List.of(0, 1, 2));
    source
        .inserted(1, "A")
        .committed(origin -> new Change.Inserted(origin, ScriptedSource.row(wider, "x", 2L, "B")));
    runUntilHandled(2, engine(RULES)).close();
    assertThat(journal.events().get(1).data()).hasToString("{\"id\":2,\"status\":\"B\"}");
  }

  @Test
  void aTableAlteredSoThatARuleNoLongerFitsStopsTheEngine() throws Exception {
    source
        .inserted(1, "A")
        .committed(
            origin ->
                new Change.Inserted(
                    origin, ScriptedSource.row(ScriptedSource.ORDERS_WITHOUT_STATUS, 2L)));
    try (Engine engine = engine(RULES).start()) {
      assertThat(engine.awaitStop()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(engine.failure())
          .get()
          .extracting(Throwable::getMessage)
          .asString()
          .contains("table public.orders was altered")
          .contains("rules.yaml:")
          .contains("status");
    }
    assertThat(journal.types()).containsExactly("OrderA");
  }

  @Test
  void twoSubscribersOfOneNameAreRefused() throws Exception {
    Engine.Builder builder = engine(RULES).on("OrderA", event -> {}).on("OrderA", event -> {});
    assertThatThrownBy(builder::start)
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("two subscribers are named 'on-OrderA'");
  }

  @Test
  void aCursorThatFindsNoRoomStopsTheReadingUntilThereIsRoom() throws Exception {
    source.inserted(1, "A");
    try (Engine engine = engine(RULES).start()) {
      await().until(() -> journal.types().size() == 1);
      assertThat(engine.status().state()).isEqualTo(EngineState.RUNNING);
    }
    journal.full(true);
    try (Engine engine = runUntilHandled(1, engine(RULES))) {
      await()
          .until(
              () ->
                  engine.status().state() == EngineState.WAITING
                      && "no room in the test".equals(engine.status().reason())
                      && !source.running());
      journal.full(false);
      await().until(() -> engine.status().state() == EngineState.RUNNING && source.running());
      assertThat(engine.status().reason()).isNull();
    }
    assertThat(journal.openings()).isGreaterThan(2);
  }

  @Test
  void whatEndedASubscriberIsForgottenWhenTheJournalIsOpenedAnew() throws Exception {
    source.inserted(1, "A").inserted(2, "B").heldUntilStop();
    journal
        .failingCommits(JournalException.Kind.UNAVAILABLE)
        .failingAfter(1, new Fault(JournalException.Kind.UNAVAILABLE, false));
    try (Engine engine = runUntilHandled(3, engine(RULES))) {
      assertThat(engine.status().state()).isEqualTo(EngineState.RUNNING);
      assertThat(engine.status().reason()).isNull();
    }
    assertThat(handled).containsExactly("OrderA", "OrderA", "OrderB");
    assertThat(journal.openings()).isEqualTo(2);
  }

  @Test
  void aHandlersOwnInterruptIsItsOwnMatter() throws Exception {
    source.inserted(1, "A").inserted(2, "B").inserted(3, "C");
    CountDownLatch latch = new CountDownLatch(3);
    try (Engine engine =
        engine(RULES)
            .on(
                "handler",
                Set.of(),
                event -> {
                  latch.countDown();
                  Thread.currentThread().interrupt();
                })
            .start()) {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(engine.failure()).isEmpty();
    }
    assertThat(journal.cursor("handler")).isEqualTo(3);
  }

  /** What a handler may make of the interrupt that a stop sends. */
  private enum Reaction {
    PASSES_IT_ON,
    WRAPS_IT,
    SWALLOWS_IT
  }

  @ParameterizedTest
  @EnumSource
  void closingInterruptsADeliveryOnlyWhenTheGraceIsOver(Reaction reaction) throws Exception {
    source.inserted(1, "A").inserted(2, "B");
    CountDownLatch inside = new CountDownLatch(1);
    Engine engine =
        engine(RULES)
            .grace(Duration.ofMillis(100))
            .on(
                "handler",
                Set.of(),
                event -> {
                  handled.add(event.type());
                  inside.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    switch (reaction) {
                      case PASSES_IT_ON -> throw e;
                      case WRAPS_IT -> throw new IllegalStateException("interrupted", e);
                      case SWALLOWS_IT -> handled.add("swallowed");
                    }
                  }
                })
            .start();
    assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
    engine.close();
    assertThat(engine.failure()).isEmpty();
    assertThat(engine.status().state()).isEqualTo(EngineState.STOPPED);
    assertThat(engine.awaitStop()).isEqualTo(ExitCode.OK);

    boolean delivered = reaction == Reaction.SWALLOWS_IT;
    assertThat(handled.remove("swallowed")).isEqualTo(delivered);
    assertThat(handled).as("nothing is begun after that").containsExactly("OrderA");
    handled.clear();
    runUntilHandled(delivered ? 1 : 2, engine(RULES)).close();
    assertThat(handled)
        .containsExactlyElementsOf(delivered ? List.of("OrderB") : List.of("OrderA", "OrderB"));
  }

  @Test
  void allSubscribersAreInterruptedAtOnce() throws Exception {
    source.inserted(1, "A");
    CountDownLatch inside = new CountDownLatch(2);
    CountDownLatch secondInterrupted = new CountDownLatch(1);
    Engine engine =
        engine(RULES)
            .grace(Duration.ofMillis(100))
            .on(
                "first",
                Set.of(),
                event -> {
                  inside.countDown();
                  awaitUninterruptibly(secondInterrupted);
                })
            .on(
                "second",
                Set.of(),
                event -> {
                  inside.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } finally {
                    secondInterrupted.countDown();
                  }
                })
            .start();
    assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
    engine.close();
    assertThat(engine.failure()).isEmpty();
  }

  @Test
  void aDeliveryThatNothingEndsIsLeftToItselfAndNamed() throws Exception {
    source.inserted(1, "A");
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    Engine engine =
        engine(RULES)
            .grace(Duration.ofMillis(100))
            .on(
                "stuck",
                Set.of(),
                event -> {
                  inside.countDown();
                  awaitUninterruptibly(released);
                })
            .start();
    assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
    engine.close();
    assertThat(engine.awaitStop()).isEqualTo(ExitCode.INTERNAL);
    assertThat(engine.failure())
        .get()
        .extracting(Throwable::getMessage)
        .asString()
        .startsWith("subscriber 'stuck' does not end");
    released.countDown();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        // It is for the test to end it.
      }
    }
  }
}
