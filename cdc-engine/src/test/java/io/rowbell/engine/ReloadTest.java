package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rowbell.engine.Reload.Outcome;
import io.rowbell.language.issue.Issue;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableSchema;
import io.rowbell.spi.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rules that are changed while an engine runs, over a source and a journal in memory. */
@Timeout(60)
class ReloadTest {
  private static final String PLACED = rule("Placed", "id > 0");

  /** Fires once the id is two more than it was when it fired last. */
  private static final String SECOND =
      """
        - event: Second
          on: insert orders
          key: "'all'"
          when: id >= last.id + vars.step
          data: {id, before: last.id}
      """;

  private static final TableSchema WIDER =
      new TableSchema(
          ScriptedSource.ORDERS.id(),
          Stream.concat(
                  ScriptedSource.ORDERS.columns().stream(),
                  Stream.of(new Column("note", ColumnType.of(ColumnType.Kind.TEXT, "text"), true)))
              .toList(),
          List.of(0),
          ReplicaIdentity.FULL,
          List.of(0, 1, 2));

  private final ScriptedSource source = new ScriptedSource();
  private final ModelJournal journal = new ModelJournal();
  private final MemoryPipeline pipeline;

  ReloadTest(@TempDir Path directory) {
    pipeline = new MemoryPipeline(directory, source, journal);
  }

  private static String rule(String event, String when) {
    return """
          - event: %s
            on: insert orders
            when: %s
            data: {id}
        """
        .formatted(event, when);
  }

  private void write(String... rules) throws IOException {
    pipeline.write(rules);
  }

  private Engine start(String... rules) throws IOException {
    return pipeline.start(rules);
  }

  private void awaitEvents(String... types) {
    pipeline.awaitEvents(types);
  }

  private Reload reload(Engine engine) throws Exception {
    return pipeline.reload(engine);
  }

  @Test
  void newRulesTakeOverInTheRunningStream() throws Exception {
    // A condition that no row can be left out by: the rules ask for all of them, before and after.
    String placed = rule("Placed", "id > 0 || status.endsWith('x')");
    try (Engine engine = start(placed)) {
      source.inserted(1, "A");
      awaitEvents("Placed");
      String before = engine.rules().current().fingerprint();
      write(placed, rule("Large", "id > 10"));
      Reload reload = reload(engine);
      assertThat(reload.outcome()).isEqualTo(Outcome.TAKEN);
      assertThat(reload.fingerprint())
          .isEqualTo(engine.rules().current().fingerprint())
          .isNotEqualTo(before);
      assertThat(reload.text()).isEqualTo("the new rules are in force");
      source.inserted(11, "A");
      awaitEvents("Placed", "Placed", "Large");
      assertThat(source.runs()).as("one stream").hasSize(1);
      assertThat(engine.rules().counters().get(0).fired()).as("counted on").isEqualTo(2);
      assertThat(engine.reloads().taken()).isEqualTo(1);
    }
  }

  @Test
  void unchangedRulesRememberChangedOnesBeginAnewAndTheMemoryOfRemovedOnesGoes() throws Exception {
    String other = SECOND.replace("Second", "Other").replace("vars.step", "2");
    String gone = SECOND.replace("Second", "Gone");
    try (Engine engine = start(SECOND, other, gone)) {
      source.inserted(1, "A");
      await().until(() -> remembered().count() == 3);
      // Another threshold keeps the memory, other columns do not.
      write(
          SECOND.replace("vars.step", "1"),
          other.replace("before: last.id", "before: last.status").replace("+ 2", "+ 3"));
      Reload reload = reload(engine);
      assertThat(reload.outcome()).isEqualTo(Outcome.TAKEN);
      assertThat(reload.notes())
          .containsExactly(Reloads.restarted("Gone"), Reloads.restarted("Other"));
      source.inserted(2, "A");
      awaitEvents("Second");
      assertThat(journal.events().get(0).data()).hasToString("{\"id\":2,\"before\":1}");
      assertThat(remembered()).noneMatch(name -> name.startsWith("rule/Gone"));
    }
  }

  private Stream<String> remembered() {
    return journal.resume().state().keySet().stream().filter(name -> name.startsWith("rule/"));
  }

  @Test
  void whateverIsWrongIsToldAndTheRulesOfBeforeGoOn() throws Exception {
    try (Engine engine = start(PLACED)) {
      write(rule("Placed", "idd > 0"), rule("Worse", "status > 3"));
      Reload reload = engine.reload();
      assertThat(reload.outcome()).isEqualTo(Outcome.REFUSED);
      assertThat(reload.issues()).extracting(Issue::code).containsExactly("E101", "E102");
      assertThat(reload.text())
          .startsWith(
              "the new rules are refused, and those of before go on:\nrules.yaml:6:11: error")
          .contains("did you mean 'id'?");
      pipeline.delete();
      assertThat(engine.reload().text()).contains("rules.yaml cannot be read");
      write("  []");
      assertThat(engine.reload().text()).contains("no rule is enabled");
      source.inserted(1, "A");
      awaitEvents("Placed");
      assertThat(engine.reloads().refused()).isEqualTo(3);
      assertThat(engine.status().state()).isEqualTo(EngineState.RUNNING);
    }
  }

  @Test
  void whatTheDatabaseLacksForNewRulesRefusesThem() throws Exception {
    Finding lacking =
        new Finding(
            Finding.Severity.ERROR,
            "E211",
            "table public.users",
            "it is not published",
            "publish it",
            List.of("ALTER PUBLICATION p ADD TABLE users"));
    Finding position =
        new Finding(Finding.Severity.ERROR, "E241", "slot", "it is ahead", "wait", List.of(), true);
    try (Engine engine = start(PLACED)) {
      source.lacking(lacking, position);
      write(PLACED, rule("Registered", "id > 0").replace("orders", "users"));
      assertThat(engine.reload().text())
          .isEqualTo(
              """
              the new rules are refused, and those of before go on:
                E211 it is not published
                  = help: publish it
                    ALTER PUBLICATION p ADD TABLE users""");
      source.inserted(1, "A");
      awaitEvents("Placed");
      assertThat(source.runs()).hasSize(1);
    }
  }

  @Test
  void rulesThatAskForMoreBeginAnotherRunAtTheSamePlace() throws Exception {
    try (Engine engine = start(SECOND)) {
      source.inserted(1, "A");
      await().until(() -> remembered().count() == 1);
      write(SECOND, rule("Registered", "id > 0").replace("orders", "users"));
      CompletableFuture<Reload> asked = MemoryPipeline.asked(engine);
      source.committed(
          origin -> new Change.Inserted(origin, ScriptedSource.row(ScriptedSource.USERS, 7L, "e")));
      source.inserted(3, "A");
      assertThat(asked.get().outcome()).isEqualTo(Outcome.TAKEN);
      awaitEvents("Registered", "Second");
      assertThat(source.runs()).hasSize(2);
      assertThat(source.runs().get(1).tables()).containsKey(ScriptedSource.USERS.id());
      assertThat(journal.openings()).isEqualTo(1);
    }
  }

  @Test
  void aTransactionInPartsIsEvaluatedByOneSetOfRules() throws Exception {
    try (Engine engine = start(rule("Old", "true"))) {
      source.part(false, 1, 1, "A");
      awaitEvents("Old");
      write(rule("New", "true"));
      CompletableFuture<Reload> asked = MemoryPipeline.asked(engine);
      source.part(false, 2, 2, "A").part(true, 0, 3, "A");
      awaitEvents("Old", "Old", "Old");
      assertThat(asked).isNotDone();
      source.inserted(4, "A");
      assertThat(asked.get().outcome()).isEqualTo(Outcome.TAKEN);
      awaitEvents("Old", "Old", "Old", "New");
    }
  }

  @Test
  void rulesTakeOverWhileAFullJournalIsWaitedFor() throws Exception {
    journal.full(true);
    try (Engine engine = start(rule("Old", "true"))) {
      source.inserted(1, "A");
      await().until(() -> engine.status().state() == EngineState.WAITING);
      write(rule("New", "true"));
      assertThat(engine.reload().outcome()).isEqualTo(Outcome.TAKEN);
      journal.full(false);
      awaitEvents("New");
    }
  }

  @Test
  void anEngineThatEndsAnswersWhoWaits() throws Exception {
    Engine engine = start(rule("Old", "true"));
    await().until(source::running);
    write(rule("New", "true"));
    CompletableFuture<Reload> asked = MemoryPipeline.asked(engine);
    engine.close();
    assertThat(asked.get().text()).contains("the engine ended before they took over");
    assertThat(engine.reload().outcome()).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void rulesForAnAlteredTableWaitUntilItsEarlierRowsAreRead() throws Exception {
    try (Engine engine = start(PLACED)) {
      await().until(source::running);
      source.altered(WIDER, /* logIsRead= */ false);
      write(rule("Noted", "note == 'x'"));
      Reload early = engine.reload();
      assertThat(early.outcome()).isEqualTo(Outcome.REFUSED);
      assertThat(early.text()).contains("E101", "reload once these have been");
      source.inserted(1, "A");
      awaitEvents("Placed");
      source.altered(WIDER, /* logIsRead= */ true);
      assertThat(reload(engine).outcome()).isEqualTo(Outcome.TAKEN);
    }
  }

  @Test
  void aTableThatIsAlteredBeforeTheRulesTakeOverRefusesThem() throws Exception {
    TableSchema renamed =
        new TableSchema(
            ScriptedSource.ORDERS.id(),
            List.of(
                new Column("id", ColumnType.of(ColumnType.Kind.INTEGER, "bigint"), false),
                new Column("state", ColumnType.of(ColumnType.Kind.TEXT, "text"), true)),
            List.of(0),
            ReplicaIdentity.FULL,
            List.of(0, 1));
    try (Engine engine = start(PLACED)) {
      source.part(false, 1, 1, "A");
      awaitEvents("Placed");
      write(rule("Stated", "status == 'A'"));
      CompletableFuture<Reload> asked = MemoryPipeline.asked(engine);
      source.part(true, 0, ScriptedSource.row(renamed, 2L, "A"));
      awaitEvents("Placed", "Placed");
      source.committed(origin -> new Change.Inserted(origin, ScriptedSource.row(renamed, 3L, "A")));
      assertThat(asked.get().outcome()).isEqualTo(Outcome.REFUSED);
      assertThat(asked.get().text()).contains("a table was altered since", "E101");
      awaitEvents("Placed", "Placed", "Placed");
    }
  }
}
