package io.rowbell.engine.faults;

import io.rowbell.testkit.FaultReport;
import io.rowbell.testkit.FaultSchedule;
import io.rowbell.testkit.FaultSchedule.Step;
import io.rowbell.testkit.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Faults of all kinds, one upon the other. A schedule begins with what met the most places so far,
 * the rest follows from the seed; what fails is printed as {@code -Drowbell.faults.schedule=…},
 * which runs it again, with the step that failed and how long that took.
 */
class MixedFaultsIT {
  private static final CaseSettings SETTINGS =
      CaseSettings.IMPATIENT.source(
          "max-batch-changes: 40, stall-timeout: 6s, connect-timeout: 3s");

  private static final int COMMITS_BETWEEN = 30;

  /** How much is written while a step lasts. */
  private static final int AHEAD = 150;

  private static final int IN_SHORT = 8;
  private static final int IN_LONG = 400;

  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F30 a random mixture of all faults")
  void f30Mixture(JournalKind journal) throws Exception {
    FaultSchedule schedule = FaultSchedule.chosen().orElseGet(() -> chosen(journal));
    String failure = failure("F30", journal, schedule);
    if (FaultOptions.SHRINK && failure != null) {
      int[] trials = {0};
      schedule = schedule.shrink(less -> failure("F30x" + ++trials[0], journal, less) != null);
    }
    if (failure != null) {
      throw new AssertionError("-D" + FaultSchedule.PROPERTY + "=" + schedule + "\n" + failure);
    }
  }

  private static FaultSchedule chosen(JournalKind journal) {
    int faults = FaultOptions.faults(IN_SHORT, IN_LONG);
    List<String> names = Mixture.names(journal, faults > IN_SHORT);
    long seed = FaultOptions.SEED;
    List<Step> steps = new ArrayList<>(FaultSchedule.parse(known(journal)).steps());
    steps.addAll(
        FaultSchedule.random(seed, Math.max(1, faults - steps.size()), COMMITS_BETWEEN, names)
            .steps());
    return new FaultSchedule(seed, steps);
  }

  /** What each schedule begins with: what met the most places so far. */
  private static String known(JournalKind journal) {
    return journal == JournalKind.KAFKA
        ? "0,20:cut-transaction,10:lose-replies,30:outlast,10:halt-kafka-sent,10:stop-broker"
        : "0,20:cut-transaction,10:outlast,10:halt-sqlite-written,10:blackhole-stream";
  }

  /** Runs a schedule; null if all was kept. */
  private @Nullable String failure(String number, JournalKind journal, FaultSchedule schedule)
      throws Exception {
    Path home = Files.createDirectories(directory.resolve(number));
    try (FaultCase fault = FaultCase.begin(number, journal, home, SETTINGS);
        Mixture mixture = new Mixture(fault, journal, schedule.seed())) {
      try {
        List<Duration> took =
            schedule.run(
                fault.workload(fault.gentleLoad().seed(schedule.seed()).copyRows(200).ahead(AHEAD)),
                mixture.faults());
        EngineProcess engine = mixture.awaitReady();
        Verdict verdict = fault.verdict(engine);
        FaultReport.figures(
            "%s %s: %s; %s; the steps took %s"
                .formatted(number, journal.label(), mixture.count(), schedule, took));
        return verdict.violations().isEmpty() ? null : told(verdict.violations(), mixture);
      } catch (Exception | AssertionError e) {
        return told(List.of(e.toString()), mixture);
      }
    }
  }

  private static String told(List<String> violations, Mixture mixture) {
    return String.join("\n", violations) + "\n" + mixture.told();
  }
}
