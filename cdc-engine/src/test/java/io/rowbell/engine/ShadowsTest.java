package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import io.rowbell.engine.ShadowRecord.Sample;
import io.rowbell.engine.ShadowRecord.Verdict;
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
              () -> assertThat(counts(only(engine))).containsExactly(1L, 1L, 2L, 1L, 1L));
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
