package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.spi.JournalException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A subscriber fails for good: the engine ends, whatever the other subscribers do. */
@Timeout(60)
class DeadSubscriberTest {
  /** Of the usual grace of 20 s not even half, also on a machine that is busy. */
  private static final Duration SOON = Duration.ofSeconds(9);

  @TempDir private Path directory;

  private final ScriptedSource source = new ScriptedSource().inserted(1, "A");
  private final ModelJournal journal = new ModelJournal();
  private final CountDownLatch hangs = new CountDownLatch(1);

  private Engine.Builder engine() throws Exception {
    return Engine.from(
        new MemoryPipeline(directory, source, journal)
            .config(
                """
                  - event: Placed
                    on: insert orders
                    data: {id}
                """));
  }

  /** Beside one whose delivery ends only when it is interrupted. */
  private void endsSoon(EventHandler sound, ExitCode code) throws Exception {
    Engine.Builder builder =
        engine()
            .on(
                "stuck",
                Set.of(),
                event -> {
                  hangs.countDown();
                  new CountDownLatch(1).await();
                })
            .on("sound", Set.of(), sound);
    long began = System.nanoTime();
    try (Engine engine = builder.start()) {
      assertThat(engine.awaitStop()).isEqualTo(code);
      assertThat(engine.status().state()).isEqualTo(EngineState.FAILED);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SOON);
  }

  @ParameterizedTest
  @EnumSource(
      value = JournalException.Kind.class,
      names = {"FENCED", "FATAL"})
  void itsCursorCannotGoOn(JournalException.Kind kind) throws Exception {
    journal.failingCommits(kind);
    endsSoon(event -> hangs.await(), ExitCode.DESTINATION_FATAL);
  }

  @Test
  void itsHandlerThrowsAnError() throws Exception {
    endsSoon(
        event -> {
          hangs.await();
          throw new OutOfMemoryError("of the test");
        },
        ExitCode.INTERNAL);
  }

  @Test
  void whatTheEngineEndsOfCountsBeforeWhatWouldHeal() throws Exception {
    journal.failingCommits(JournalException.Kind.UNAVAILABLE, JournalException.Kind.FENCED);
    CyclicBarrier both = new CyclicBarrier(2);
    try (Engine engine =
        engine()
            .on("one", Set.of(), event -> both.await())
            .on("two", Set.of(), event -> both.await())
            .start()) {
      assertThat(engine.awaitStop()).isEqualTo(ExitCode.DESTINATION_FATAL);
    }
    assertThat(journal.openings()).isEqualTo(1);
  }
}
