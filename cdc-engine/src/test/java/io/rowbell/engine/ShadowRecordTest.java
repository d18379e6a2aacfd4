package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.ShadowRecord.Verdict;
import io.rowbell.language.Outcome;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleCounter;
import io.rowbell.language.RuleFile;
import io.rowbell.language.ShadowRule;
import io.rowbell.model.Catalog;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.testkit.Samples;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is counted of a rule in shadow and its live rule, batch by batch. */
class ShadowRecordTest {
  private static final Instant BEGIN = Instant.parse("2026-11-21T10:00:00Z");
  private static final Duration WITHIN = Duration.ofMinutes(5);

  private static ShadowRecord record(@Nullable Duration within) {
    return new ShadowRecord(
        new ShadowRule("Next", "Live", within, "print", counter(), /* misfit= */ null), BEGIN);
  }

  /** Any rule's. */
  private static RuleCounter counter() {
    RuleFile file =
        new RuleFile(
            "rules.yaml",
            "rules: v1\ntriggers:\n  - {event: A, on: message a, key: content, data: content}\n");
    return new RuleCompiler(List.of(file), Samples.DATABASE, null)
        .compile(new Catalog(List.of(), Map.of()))
        .orThrow()
        .counters()
        .get(0);
  }

  private static DomainEvent event(String rule, String key, int minute) {
    return new DomainEvent(
        Samples.id(minute),
        "/shop",
        "A",
        1,
        key,
        BEGIN.plus(Duration.ofMinutes(minute)),
        "topic",
        Map.of("position", "0/" + minute, "rule", rule),
        EventData.ofJson("1"));
  }

  private static Outcome live(String key, int minute) {
    return new Outcome.Event(event("Live", key, minute));
  }

  private static Outcome shadow(String key, int minute) {
    return new Outcome.Shadow("Next", new Outcome.Event(event("Next", key, minute)));
  }

  private static Instant minute(int minute) {
    return BEGIN.plus(Duration.ofMinutes(minute));
  }

  private static List<Verdict> verdicts(ShadowRecord record) {
    return Arrays.stream(Verdict.values()).filter(v -> record.count(v) > 0).toList();
  }

  @Test
  void statesThatWereDueLongBeforeTheirBatchAreStillCompared() {
    ShadowRecord record = record(WITHIN);
    record.note(List.of(), minute(0), /* open= */ false);
    record.note(List.of(live("k", 60), shadow("k", 61)), minute(180), /* open= */ false);
    assertThat(verdicts(record)).containsExactly(Verdict.SAME);
    record.note(List.of(live("k", 200)), minute(300), /* open= */ false);
    assertThat(verdicts(record)).containsExactly(Verdict.SAME, Verdict.ONLY_LIVE);
  }

  @Test
  void aLaterEventDoesNotPushOutWhatItsOwnBatchStillAnswers() {
    ShadowRecord record = record(WITHIN);
    record.note(List.of(), minute(0), /* open= */ false);
    record.note(
        List.of(live("a", 60), live("b", 120), shadow("a", 60), shadow("b", 120)),
        minute(180),
        /* open= */ false);
    assertThat(record.count(Verdict.SAME)).isEqualTo(2);
    assertThat(verdicts(record)).containsExactly(Verdict.SAME);
  }

  @Test
  void asLongAsTheShadowDoesNotFitNothingIsOnlyLive() {
    ShadowRecord record = record(null);
    record.misfit("a column is gone");
    record.note(List.of(live("k", 1)), minute(1), /* open= */ false);
    assertThat(verdicts(record)).containsExactly(Verdict.NOT_COMPARED);
    record.misfit(null);
    record.note(List.of(live("k", 2), live("k", 3), shadow("k", 3)), null, /* open= */ false);
    assertThat(verdicts(record)).containsExactly(Verdict.SAME, Verdict.NOT_COMPARED);
    record.note(List.of(live("k", 4)), null, /* open= */ false);
    assertThat(record.count(Verdict.ONLY_LIVE)).isEqualTo(1);
    assertThat(record.count(Verdict.NOT_COMPARED)).isEqualTo(2);
  }

  @Test
  void ofStatesThatLastNothingIsOnlyLiveThatCouldHaveBelongedToTheTimeOfTheMisfit() {
    ShadowRecord record = record(WITHIN);
    record.note(List.of(), minute(0), /* open= */ false);
    record.misfit("a column is gone");
    record.note(List.of(live("k", 60)), minute(60), /* open= */ false);
    record.misfit(null);
    record.note(List.of(live("k", 62)), minute(62), /* open= */ false);
    record.note(List.of(live("k", 100)), minute(200), /* open= */ false);
    assertThat(record.count(Verdict.NOT_COMPARED)).isEqualTo(2);
    assertThat(record.count(Verdict.ONLY_LIVE)).isEqualTo(1);
  }
}
