package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import io.rowbell.engine.CrashSchedule.Held;
import io.rowbell.engine.Turn.Fate;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.spi.Batch;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.StateChange;
import io.rowbell.testkit.Shrinking;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The real engine over a model of PostgreSQL and a model journal: wherever it is killed, and
 * whatever becomes of an append, the events, their ids, the dead letters and what rules remember
 * are those of a run in which nothing happened.
 *
 * <p>{@code -Drowbell.model.schedules=100000} tries more schedules, {@code -Drowbell.model.seed=7}
 * begins with another seed.
 */
@Timeout(300)
class CrashScheduleTest {
  private static final int SCHEDULES = Integer.getInteger("rowbell.model.schedules", 200);
  private static final long SEED = Long.getLong("rowbell.model.seed", 1);
  private static final Duration BOUND = Duration.ofSeconds(60);

  /** Rules with every kind of memory, those that wait for the commit, and one that fails. */
  private static final String[] RULES = {
    """
    - rule: placed
      event: "Order{status}"
      on: insert orders
      data: {id, status}
    """,
    """
    - event: Moved
      on: update orders
      when: last.status != status
      cooldown: 2s
      data: {id, status, previous: last.status}
    """,
    """
    - event: Often
      on: insert or update orders
      data: {id, n: "count_over(status != 'C', '10s')"}
    """,
    """
    - event: Stuck
      on: orders
      while: status == 'A'
      for: 5s
      resolved: Freed
      data: {id, status}
    """,
    """
    - event: WithMails
      on: insert orders
      with: {mails: users by id}
      data: {id, mails: size(mails), changes: tx.changes}
    """,
    """
    - event: Fails
      on: insert users
      when: email == 'mail0'
      data: {share: 12 / id}
    """
  };

  /** Ways to get it wrong: what an engine might do around the real parts. */
  private enum Flaw {
    NONE,
    /** Rules go on with what they made of a batch that was not appended. */
    KEEPS_MEMORY,
    /** What rules remember is not appended. */
    LOSES_STATE,
    /** An append of unknown outcome is done again. */
    APPENDS_AGAIN,
    /** A failed append is taken for a sound one. */
    CONFIRMS_EARLY
  }

  @TempDir private Path directory;

  private @Nullable RuleBook rules;

  @Test
  void randomSchedules() throws Exception {
    for (long seed = SEED; seed < SEED + SCHEDULES; seed++) {
      CrashSchedule schedule = CrashSchedule.random(seed);
      if (isWrong(schedule, Flaw.NONE)) {
        fail(report(schedule, Flaw.NONE));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aFlawIsFoundAndItsScheduleShrunk(Flaw flaw) throws Exception {
    long seed = SEED;
    while (!isWrong(CrashSchedule.random(seed), flaw)) {
      seed++;
      assertThat(seed).as("seeds without a difference").isLessThan(SEED + 200);
    }
    String report = report(CrashSchedule.random(seed), flaw);
    String turns = report.substring(report.lastIndexOf("turns") + 5).trim();
    CrashSchedule printed =
        new CrashSchedule(
            seed,
            CrashSchedule.random(seed).entries(),
            turns.isEmpty()
                ? List.of()
                : Arrays.stream(turns.split(" ", -1)).map(Turn::parse).toList());
    assertThat(isWrong(printed, flaw)).as(report).isTrue();
    assertThat(isWrong(printed, Flaw.NONE)).as(report).isFalse();
    assertThat(printed.turns()).as(report).hasSizeLessThanOrEqualTo(4);
  }

  /** One fault at each append of a log. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DURABLE")
  void everyCrashPointOfTheEngineWithItsThreads(Fate fate) throws Exception {
    CrashSchedule sound = new CrashSchedule(SEED, 8, List.of());
    Held expected = withoutFaults(sound);
    int turns = Math.toIntExact(turnsOf(sound));
    assertThat(turns).isGreaterThan(6);
    for (int at = 0; at < turns; at++) {
      List<Turn> all = new ArrayList<>(Collections.nCopies(at, Turn.SOUND));
      all.add(new Turn(Turn.SOUND.room(), fate));
      assertThat(withThreads(sound.with(all))).as("%s at append %d", fate, at).isEqualTo(expected);
    }
  }

  private static long turnsOf(CrashSchedule schedule) {
    TransactionLog log = TransactionLog.random(schedule.seed(), schedule.entries());
    long turns = 0;
    for (var batch = log.next(null, Turn.SOUND.room());
        batch != null;
        batch = log.next(batch.checkpoint(), Turn.SOUND.room())) {
      turns++;
    }
    return turns;
  }

  private Held withThreads(CrashSchedule schedule) throws Exception {
    ModelJournal journal = new ModelJournal();
    CrashSchedule.Run run = schedule.over(journal);
    ScriptedSource source = new ScriptedSource().readBy(run);
    MemoryPipeline pipeline = new MemoryPipeline(directory, source, journal);
    while (!run.isOver()) {
      try (Engine engine = pipeline.start(RULES)) {
        await()
            .atMost(BOUND)
            .pollInterval(Duration.ofMillis(2))
            .until(() -> run.isOver() || engine.status().state() == EngineState.FAILED);
        if (engine.failure().isPresent()) {
          assertThat(engine.failure().get()).hasRootCauseInstanceOf(ModelJournal.Killed.class);
        }
      }
    }
    return Held.of(journal);
  }

  private boolean isWrong(CrashSchedule schedule, Flaw flaw) throws Exception {
    try {
      return !held(schedule, flaw).equals(withoutFaults(schedule));
    } catch (AssertionError | RuntimeException e) {
      return true;
    }
  }

  private Held withoutFaults(CrashSchedule schedule) throws Exception {
    return held(schedule.with(List.of(new Turn(100, Fate.DURABLE))), Flaw.NONE);
  }

  /** The engine's own parts without its threads and pauses. */
  private Held held(CrashSchedule schedule, Flaw flaw) throws Exception {
    ModelJournal journal = new ModelJournal();
    CrashSchedule.Run run = schedule.over(journal);
    ScriptedSource source = new ScriptedSource();
    EngineConfig config = new MemoryPipeline(directory, source, journal).config(RULES);
    while (!run.isOver()) {
      try {
        process(run, config, rules(config), flaw);
      } catch (ModelJournal.Killed e) {
        // Another process is started.
      }
    }
    return Held.of(journal);
  }

  /** The same for all: they are never reloaded. */
  private RuleBook rules(EngineConfig config) throws Exception {
    RuleBook known = rules;
    if (known == null) {
      try (Source source = config.source().open(config.context())) {
        known = RuleBook.compile(config, source);
      }
      rules = known;
    }
    return known;
  }

  /** One process: goes on for as long as it lives. */
  private static void process(CrashSchedule.Run run, EngineConfig config, RuleBook rules, Flaw flaw)
      throws Exception {
    Source.BatchHandler kept = null;
    while (!run.isOver()) {
      try (Journal journal = flawed(config.journal().open(config.context()), flaw)) {
        Resume resume = journal.resume();
        Reloads reloads =
            new Reloads(
                config,
                null,
                rules,
                () -> config.source().open(config.context()),
                () -> resume,
                InstantSource.system());
        Pipeline pipeline =
            new Pipeline(
                rules, reloads, journal, resume, new Pipeline.Stats(InstantSource.system()));
        kept = flaw == Flaw.KEEPS_MEMORY && kept != null ? kept : pipeline;
        run.read(resume, kept);
      } catch (JournalException e) {
        // Opened anew: the journal says where to go on.
      }
    }
  }

  private static Journal flawed(Journal journal, Flaw flaw) {
    return flaw == Flaw.NONE || flaw == Flaw.KEEPS_MEMORY
        ? journal
        : new FlawedJournal(journal, flaw);
  }

  private static final class FlawedJournal extends ForwardingJournal {
    private final Flaw flaw;

    FlawedJournal(Journal journal, Flaw flaw) {
      super(journal);
      this.flaw = flaw;
    }

    @Override
    public void append(Batch batch) throws JournalException, InterruptedException {
      List<StateChange> state = flaw == Flaw.LOSES_STATE ? List.of() : batch.state();
      Batch changed =
          new Batch(
              batch.events(), batch.deadLetters(), state, batch.database(), batch.checkpoint());
      try {
        super.append(changed);
      } catch (JournalException e) {
        if (flaw == Flaw.APPENDS_AGAIN) {
          super.append(changed);
        } else if (flaw != Flaw.CONFIRMS_EARLY) {
          throw e;
        }
      }
    }
  }

  private String report(CrashSchedule schedule, Flaw flaw) {
    List<Turn> shrunk =
        Shrinking.shrink(
            schedule.turns(),
            some -> {
              try {
                return isWrong(schedule.with(some), flaw);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    return "again: -Drowbell.model.seed=%d%n%s%nshrunk: %s"
        .formatted(schedule.seed(), schedule, schedule.with(shrunk));
  }
}
