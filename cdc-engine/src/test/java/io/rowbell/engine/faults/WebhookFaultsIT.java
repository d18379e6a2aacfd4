package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.faults.HookServer.Answer;
import io.rowbell.engine.faults.HookServer.Attempt;
import io.rowbell.testkit.FaultReport;
import io.rowbell.testkit.JournalEvent;
import io.rowbell.testkit.LedgerWorkload;
import io.rowbell.testkit.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A webhook's receiver fails, is busy, hangs and sends elsewhere; the engine is killed between. */
class WebhookFaultsIT {
  private static final Duration CAUGHT_UP = Duration.ofSeconds(60);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final int COMMITS_BETWEEN = 25;

  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F29 webhook: 500, 429, hang, redirect; the engine is killed")
  void f29Webhook(JournalKind journal) throws Exception {
    long seed = FaultOptions.SEED;
    try (HookServer hook = new HookServer(seed);
        FaultCase fault =
            FaultCase.begin("F29", journal, directory, CaseSettings.IMPATIENT.sections(to(hook)))) {
      LedgerWorkload load =
          fault.workload(fault.gentleLoad().writers(2).copyRows(10).pause(Duration.ofMillis(150)));
      int kills = FaultOptions.faults(2, 50);
      for (int i = 0; i < kills; i++) {
        try (EngineProcess engine = fault.engine()) {
          engine.awaitReady();
          load.awaitCommits(COMMITS_BETWEEN);
        }
        fault.injected();
        hook.nextLife();
      }
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        load.awaitCommits(COMMITS_BETWEEN);
        hook.heal();
        fault.verify(engine);
        Set<String> ids =
            fault.journal().events().stream().map(JournalEvent::id).collect(Collectors.toSet());
        Awaitility.await()
            .atMost(CAUGHT_UP)
            .until(() -> !engine.running() || hook.taken().size() >= ids.size());

        Verdict verdict = Verdict.of(fault.ledger(), hook.taken());
        FaultReport.add(
            "F29 receiver",
            journal.label(),
            fault.seed(),
            hook.attempts().stream().filter(a -> a.answer() != Answer.TAKEN).count() + kills,
            load.commits(),
            verdict,
            List.of());
        verdict.requireClean(fault.about(engine));
        assertThat(hook.taken())
            .extracting(JournalEvent::id)
            .containsExactlyInAnyOrderElementsOf(ids);
        assertThat(hook.strays()).isEmpty();
        assertThat(hook.attempts()).extracting(Attempt::answer).contains(Answer.values());
        requirePatience(hook.attempts());
        assertThat(fault.journal().deadLetters()).isEmpty();
      }
    }
  }

  private static String to(HookServer hook) {
    return """
    subscribers:
      - name: hook
        start: earliest
        webhook: {url: "%s", allow-networks: ["127.0.0.0/8"], timeout: 1s}
        retry: {attempts: 1000, delay: 50ms, max-delay: 500ms}
    """
        .formatted(hook.url());
  }

  /** One that was asked to wait is not sent again before; after a kill nobody knows of it. */
  private static void requirePatience(List<Attempt> attempts) {
    Map<String, Attempt> last = new HashMap<>();
    for (Attempt attempt : attempts) {
      Attempt before = last.put(attempt.id(), attempt);
      if (before != null && before.answer() == Answer.BUSY && before.life() == attempt.life()) {
        assertThat(Duration.ofNanos(attempt.nanos() - before.nanos()))
            .as("after Retry-After: 1, %s", attempt.id())
            .isGreaterThanOrEqualTo(RETRY_AFTER.minusMillis(5));
      }
    }
  }
}
