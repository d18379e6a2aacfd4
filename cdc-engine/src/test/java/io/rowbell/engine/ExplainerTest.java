package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.language.Explanation;
import io.rowbell.model.Change;
import io.rowbell.model.Position;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Explaining beside rules in shadow that do not fit the tables. */
class ExplainerTest {
  private static final String PLACED = "  - {event: Placed, on: insert orders, data: {id}}\n";
  private static final String NEXT =
      "  - {rule: Next, event: Placed, on: insert orders, mode: shadow, data: {id, status}}\n";

  private final ScriptedSource source = new ScriptedSource();
  private final MemoryPipeline pipeline;

  ExplainerTest(@TempDir Path directory) {
    pipeline = new MemoryPipeline(directory, source, new ModelJournal());
  }

  @Test
  void aLiveRuleIsExplainedThoughAShadowDoesNotFit() throws Exception {
    source.altered(ScriptedSource.ORDERS_WITHOUT_STATUS, /* logIsRead= */ true);
    try (Explainer explainer = Explainer.open(pipeline.config(PLACED, NEXT), "Placed")) {
      assertThat(explainer.given("insert orders: {id: 1}", null, null, InstantSource.system()))
          .singleElement()
          .extracting(Explanation::verdict)
          .isEqualTo(Explanation.Verdict.FIRED);
    }
  }

  @Test
  void ofTheShadowItIsSaidWhyItDoesNotFit() throws Exception {
    source.altered(ScriptedSource.ORDERS_WITHOUT_STATUS, /* logIsRead= */ true);
    assertThatThrownBy(() -> Explainer.open(pipeline.config(PLACED, NEXT), "Next"))
        .isInstanceOf(EngineException.class)
        .hasMessageContainingAll("'Next' is in shadow and does not fit", "E101", "'status'");
  }

  @Test
  void aTableMayBeAlteredWhileChangesAreExplained() throws Exception {
    source.committed(
        origin ->
            new Change.Inserted(
                origin, ScriptedSource.row(ScriptedSource.ORDERS_WITHOUT_STATUS, 7L)));
    try (Explainer explainer = Explainer.open(pipeline.config(PLACED, NEXT), "Placed")) {
      assertThat(explainer.at(new Position(0x80))).hasSize(1);
    }
    try (Explainer explainer = Explainer.open(pipeline.config(PLACED, NEXT), "Next")) {
      assertThatThrownBy(() -> explainer.at(new Position(0x80)))
          .isInstanceOf(EngineException.class)
          .hasMessageContainingAll("'Next' is in shadow and does not fit", "E101");
    }
  }
}
