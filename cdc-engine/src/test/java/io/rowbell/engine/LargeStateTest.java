package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rowbell.language.Explanation;
import io.rowbell.model.DeadLetter;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rows of which a rule would remember more than the journal takes, over one in memory. */
@Timeout(60)
class LargeStateTest {
  private static final String MOVED =
      """
        - {event: Moved, on: insert orders, key: 1, when: last.status != status,
           data: {id}, on_error: %s}
      """;
  private static final String PLACED = "  - {event: Placed, on: insert orders, data: {id}}\n";
  private static final String LARGE = "B".repeat(1_000);

  private final ScriptedSource source = new ScriptedSource();
  private final ModelJournal journal = new ModelJournal().taking(200);
  private final MemoryPipeline pipeline;

  LargeStateTest(@TempDir Path directory) {
    pipeline = new MemoryPipeline(directory, source, journal);
  }

  @Test
  void theRuleFailsAndTheOthersGoOn() throws Exception {
    source.inserted(1, "A").inserted(2, LARGE).inserted(3, "A").inserted(4, "C");
    try (Engine engine = pipeline.start(MOVED.formatted("dlq"), PLACED)) {
      pipeline.awaitEvents("Placed", "Placed", "Placed", "Moved", "Placed");
      assertThat(engine.failure()).isEmpty();
    }
    assertThat(journal.deadLetters()).hasSize(1);
    DeadLetter letter = journal.deadLetters().get(0);
    assertThat(letter.code()).isEqualTo("X402");
    assertThat(letter.reason()).contains("1", "200").doesNotContain(LARGE);
    assertThat(journal.events().get(3).data()).hasToString("{\"id\":4}");
  }

  @Test
  void anExplanationFailsWhereTheEngineDoes() throws Exception {
    source.inserted(1, "A");
    try (Engine engine = pipeline.start(MOVED.formatted("dlq"), PLACED)) {
      pipeline.awaitEvents("Placed");
      assertThat(engine.failure()).isEmpty();
    }
    try (Explainer explainer =
        Explainer.open(pipeline.config(MOVED.formatted("dlq"), PLACED), "Moved")) {
      assertThat(
              explainer.given(
                  "insert orders: {id: 2, status: " + LARGE + "}",
                  null,
                  null,
                  InstantSource.system()))
          .singleElement()
          .satisfies(
              explained -> {
                assertThat(explained.verdict()).isEqualTo(Explanation.Verdict.FAILED);
                assertThat(explained.because()).contains("X402");
              });
    }
  }

  @Test
  void aRuleThatSkipsSkipsIt() throws Exception {
    source.inserted(1, "A").inserted(2, LARGE).inserted(3, "A").inserted(4, "C");
    try (Engine engine = pipeline.start(MOVED.formatted("skip"), PLACED)) {
      pipeline.awaitEvents("Placed", "Placed", "Placed", "Moved", "Placed");
      assertThat(engine.failure()).isEmpty();
    }
    assertThat(journal.deadLetters()).isEmpty();
  }

  @Test
  void aRuleThatHaltsHaltsThere() throws Exception {
    source.inserted(1, "A").inserted(2, LARGE).inserted(3, "A");
    try (Engine engine = pipeline.start(MOVED.formatted("halt"), PLACED)) {
      assertThat(engine.awaitStop()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(engine.failure().orElseThrow()).hasMessageContaining("on_error: halt", "X402");
    }
    assertThat(journal.types()).containsExactly("Placed");
    journal.taking(20_000);
    try (Engine engine = pipeline.start(MOVED.formatted("halt"), PLACED)) {
      await().untilAsserted(() -> assertThat(journal.types()).hasSize(5));
      assertThat(journal.types()).containsExactly("Placed", "Moved", "Placed", "Moved", "Placed");
      assertThat(engine.failure()).isEmpty();
    }
  }
}
