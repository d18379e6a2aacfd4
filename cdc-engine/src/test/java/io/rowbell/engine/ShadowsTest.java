package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import io.rowbell.engine.ShadowRecord.Sample;
import io.rowbell.engine.ShadowRecord.Verdict;
import io.rowbell.model.Change;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rules in shadow beside live ones, over a source and a journal in memory. */
@Timeout(60)
class ShadowsTest {
  private static final String LIVE =
      "  - {event: Even, on: insert orders, when: id % 2 == 0, data: {id, status}}\n";

  /** Fires for multiples of three, tells more of those of twelve, fails for 13. */
  private static final String SHADOW =
      """
        - rule: Even.next
          event: Even
          on: insert orders
          mode: shadow
          let: {safe: "1 / (id - 13)"}
          when: id % 3 == 0 || safe == 2
          data: {id, status: "id % 12 == 0 ? 'twelve' : status"}
          on_error: halt
      """;

  private final ScriptedSource source = new ScriptedSource();
  private final ModelJournal journal = new ModelJournal();
  private final MemoryPipeline pipeline;

  ShadowsTest(@TempDir Path directory) {
    pipeline = new MemoryPipeline(directory, source, journal);
  }

  private void insert(long... ids) {
    Arrays.stream(ids).forEach(id -> source.inserted(id, "A"));
  }

  private static List<Long> counts(ShadowRecord record) {
    return Arrays.stream(Verdict.values()).map(record::count).toList();
  }

  private static ShadowRecord only(Engine engine) {
    List<ShadowRecord> all = engine.pipelineStats().shadows().all();
    assertThat(all).hasSize(1);
    return all.get(0);
  }

  @Test
  void whatTheShadowWouldSendIsComparedChangeByChangeAndNeverSent() throws Exception {
    try (Engine engine = pipeline.start(LIVE, SHADOW)) {
      insert(1, 2, 3, 6, 12, 13, 14);
      pipeline.awaitEvents("Even", "Even", "Even", "Even");
      await()
          .untilAsserted(
              () -> assertThat(counts(only(engine))).containsExactly(1L, 1L, 2L, 1L, 1L, 0L));
      assertThat(only(engine).rule().live()).isEqualTo("Even");
      assertThat(only(engine).samples())
          .extracting(Sample::verdict, Sample::key)
          .containsExactly(
              tuple(Verdict.ONLY_LIVE, "2"),
              tuple(Verdict.ONLY_SHADOW, "3"),
              tuple(Verdict.DIFFERENT, "12"),
              tuple(Verdict.FAILED, null),
              tuple(Verdict.ONLY_LIVE, "14"));
      String text = ShadowReport.text(List.of(only(engine)));
      assertThat(text)
          .startsWith("Even.next, compared with Even, since ")
          .contains("    would send  Even  {\"id\":12,\"status\":\"twelve\"}")
          .contains("    live sent   Even  {\"id\":12,\"status\":\"A\"}")
          .contains("X404 division by zero");
      assertThat(ShadowReport.json(List.of(only(engine))))
          .contains("\"rule\":\"Even.next\",\"live\":\"Even\"")
          .contains("\"same\":1,\"different\":1,\"only_live\":2,\"only_shadow\":1,\"failed\":1");
      assertThat(journal.deadLetters()).isEmpty();
    }
  }

  @Test
  void onlyTheLastSamplesAreKept() throws Exception {
    try (Engine engine = pipeline.start(SHADOW)) {
      for (int i = 1; i <= 30; i++) {
        insert(3L * i + 300);
      }
      await().until(() -> only(engine).count(Verdict.ONLY_SHADOW) == 30);
      assertThat(only(engine).rule().live()).isNull();
      assertThat(only(engine).samples()).hasSize(20);
      assertThat(only(engine).samples().get(19).key()).isEqualTo("390");
    }
  }

  private static final String PLACED = "  - {event: Placed, on: insert orders, data: {id}}\n";

  private static final String PLACED_NEXT =
      """
        - {rule: Placed.next, event: Placed, on: insert orders, cooldown: 1h, mode: shadow,
           data: {id, status}}
      """;

  private void insertWithoutStatus(long id) {
    source.committed(
        origin ->
            new Change.Inserted(
                origin, ScriptedSource.row(ScriptedSource.ORDERS_WITHOUT_STATUS, id)));
  }

  private boolean remembersTheShadow() {
    return journal.resume().state().keySet().stream()
        .anyMatch(name -> name.startsWith("rule/Placed.next/"));
  }

  @Test
  void aColumnThatOnlyTheShadowReadsMayGoAndComeBack() throws Exception {
    try (Engine engine = pipeline.start(PLACED, PLACED_NEXT)) {
      insert(1);
      await().until(() -> only(engine).count(Verdict.DIFFERENT) == 1);
      ShadowRecord record = only(engine);
      assertThat(remembersTheShadow()).isTrue();
      assertThat(record.misfit()).isNull();

      insertWithoutStatus(2);
      insertWithoutStatus(3);
      pipeline.awaitEvents("Placed", "Placed", "Placed");
      await().untilAsserted(() -> assertThat(record.misfit()).contains("E101", "status"));
      assertThat(only(engine)).as("what it had is kept").isSameAs(record);
      assertThat(remembersTheShadow()).isFalse();
      assertThat(ShadowReport.text(List.of(record)))
          .contains("  does not fit any more, and is not evaluated:\n    rules.yaml:")
          .contains("  different    1\n");
      assertThat(ShadowReport.json(List.of(record))).contains("\"misfit\":\"rules.yaml:");

      insert(4);
      await().until(() -> record.count(Verdict.DIFFERENT) == 2);
      assertThat(only(engine)).isSameAs(record);
      assertThat(record.misfit()).isNull();
      assertThat(ShadowReport.text(List.of(record))).doesNotContain("does not fit");
      assertThat(record.count(Verdict.ONLY_LIVE)).as("it was not evaluated").isZero();
      assertThat(record.count(Verdict.NOT_COMPARED)).isEqualTo(2);
      assertThat(engine.failure()).isEmpty();
    }
  }

  @Test
  void aShadowThatNeverFittedIsAnErrorAndOneThatDoesNotFitAnyMoreRefusesNoStart() throws Exception {
    source.altered(ScriptedSource.ORDERS_WITHOUT_STATUS, /* logIsRead= */ true);
    assertThatThrownBy(() -> pipeline.start(PLACED, PLACED_NEXT))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("E101");
    source.altered(ScriptedSource.ORDERS, /* logIsRead= */ true);
    try (Engine engine = pipeline.start(PLACED, PLACED_NEXT)) {
      insert(1);
      await().until(() -> only(engine).count(Verdict.DIFFERENT) == 1);
    }

    source.altered(ScriptedSource.ORDERS_WITHOUT_STATUS, /* logIsRead= */ true);
    try (Engine engine = pipeline.start(PLACED, PLACED_NEXT)) {
      insertWithoutStatus(2);
      pipeline.awaitEvents("Placed", "Placed");
      assertThat(only(engine).misfit()).contains("E101", "status");
      assertThat(only(engine).rule().live()).isEqualTo("Placed");
      assertThat(pipeline.reload(engine).outcome()).isEqualTo(Reload.Outcome.REFUSED);
    }
    assertThatThrownBy(() -> pipeline.start(PLACED.replace("{id}", "{status}"), PLACED_NEXT))
        .as("a live rule must fit")
        .hasMessageContaining("E101");
    assertThatThrownBy(() -> pipeline.start(PLACED, PLACED_NEXT.replace("cooldown", "coldown")))
        .as("a file must be well formed")
        .hasMessageContaining("R001");
  }

  @Test
  void aTransactionIsComparedAtItsEndWhereverItWasCut() throws Exception {
    String waiting =
        """
          - {rule: Even.next, event: Even, on: insert orders, when: id % 2 == 0 && tx.changes > 1,
             mode: shadow, data: {id, status}}
        """;
    try (Engine engine = pipeline.start(LIVE, waiting)) {
      source.part(false, 1, 2, "A").part(false, 2, 4, "A");
      pipeline.awaitEvents("Even", "Even");
      assertThat(counts(only(engine))).containsOnly(0L);
      source.part(true, 3, 6, "A");
      insert(8);
      await()
          .untilAsserted(
              () -> assertThat(counts(only(engine))).containsExactly(3L, 0L, 1L, 0L, 0L, 0L));
    }
  }

  @Test
  void aTransactionOfWhichAPartWasDoneBeforeTheStartIsNotCompared() throws Exception {
    String waiting =
        """
          - {rule: Even.next, event: Even, on: insert orders, when: id % 2 == 0 && tx.changes > 1,
             mode: shadow, data: {id, status}}
        """;
    try (Engine engine = pipeline.start(LIVE, waiting)) {
      source.part(false, 1, 2, "A");
      pipeline.awaitEvents("Even");
      assertThat(counts(only(engine))).containsOnly(0L);
    }
    try (Engine engine = pipeline.start(LIVE, waiting)) {
      source.part(true, 2, 4, "A");
      insert(8);
      await()
          .untilAsserted(
              () -> assertThat(counts(only(engine))).containsExactly(1L, 0L, 1L, 0L, 0L, 1L));
    }
  }

  @Test
  void statesThatLastForDifferentTimesAreComparedByKey() throws Exception {
    String lasting =
        """
          - {rule: %s, event: Stuck, on: orders, while: status == 'A', for: %s, data: {id}%s}
        """;
    try (Engine engine =
        pipeline.start(
            lasting.formatted("Stuck", "1s", ""),
            lasting.formatted("Stuck.next", "4s", ", mode: shadow"))) {
      source.inserted(1, "A");
      for (int id = 2; id < 9; id++) {
        source.inserted(id, "B");
      }
      await()
          .untilAsserted(
              () -> assertThat(counts(only(engine))).containsExactly(1L, 0L, 0L, 0L, 0L, 0L));
    }
  }

  @Test
  void promotedByAReloadItBeginsToPublish() throws Exception {
    try (Engine engine = pipeline.start(LIVE, SHADOW)) {
      insert(3);
      await().until(() -> only(engine).count(Verdict.ONLY_SHADOW) == 1);
      ShadowRecord before = only(engine);
      pipeline.write(LIVE + "# a remark\n", SHADOW);
      pipeline.reload(engine);
      assertThat(only(engine)).as("the same rules count on").isSameAs(before);
      pipeline.write(LIVE.replace("== 0", "== 1"), SHADOW);
      pipeline.reload(engine);
      assertThat(only(engine)).as("a changed one begins anew").isNotSameAs(before);
      pipeline.write(SHADOW.replace("    mode: shadow\n", "").replace("|| safe == 2", ""));
      Reload reload = pipeline.reload(engine);
      assertThat(reload.outcome()).isEqualTo(Reload.Outcome.TAKEN);
      assertThat(engine.pipelineStats().shadows().isEmpty()).isTrue();
      insert(9);
      await()
          .untilAsserted(
              () ->
                  assertThat(journal.events())
                      .filteredOn(event -> "9".equals(event.key()))
                      .singleElement()
                      .extracting(event -> event.extensions().get("rule"))
                      .isEqualTo("Even.next"));
    }
  }
}
