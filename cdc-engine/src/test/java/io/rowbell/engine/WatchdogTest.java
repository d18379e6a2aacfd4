package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.config.WatchdogConfig;
import io.rowbell.spi.Source.SourceStatus;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  private static final Duration LOOK = Duration.ofMillis(500);

  private final CountDownLatch release = new CountDownLatch(1);
  private final Thread watched = new Thread(this::hang, "watched");
  private long now = 1;
  private long turn;

  private final Watchdog watchdog =
      new Watchdog(
          "shop",
          new WatchdogConfig(Duration.ofSeconds(10), Duration.ofSeconds(30)),
          watched,
          () -> new SourceStatus(true, true, 1, 0, 0, -1, null, turn, null),
          () -> now,
          why -> {});

  WatchdogTest() {
    watched.setDaemon(true);
    watched.start();
  }

  private void hang() {
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void end() {
    release.countDown();
  }

  /** Looks as often as it does in an engine. */
  private @Nullable EngineException lookFor(Duration time) {
    EngineException why = null;
    for (long looks = time.dividedBy(LOOK); looks > 0 && why == null; looks--) {
      now += LOOK.toNanos();
      why = watchdog.look();
    }
    return why;
  }

  @Test
  void aPieceOfWorkMayTakeAsLongAsIsSaid() {
    turn = 1;
    assertThat(lookFor(Duration.ofSeconds(30))).isNull();
    assertThat(Objects.requireNonNull(lookFor(Duration.ofSeconds(2))).exitCode())
        .isEqualTo(ExitCode.HUNG);
  }

  @Test
  void eachPieceOfWorkHasItsOwnTime() {
    for (turn = 1; turn < 10; turn++) {
      assertThat(lookFor(Duration.ofSeconds(29))).isNull();
    }
  }

  @Test
  void whileNoStreamIsOpenNothingHangs() {
    turn = 0;
    assertThat(lookFor(Duration.ofHours(1))).isNull();
  }

  @Test
  void timeInWhichTheProcessStoodStillDoesNotCount() {
    turn = 1;
    assertThat(lookFor(Duration.ofSeconds(5))).isNull();
    now += Duration.ofHours(1).toNanos();
    assertThat(watchdog.look()).isNull();
    assertThat(lookFor(Duration.ofSeconds(20))).isNull();
  }

  @Test
  void whatHasFailedMustEndSoonAndTheFirstCauseCounts() {
    EngineException first = new EngineException(ExitCode.DESTINATION_FATAL, "fenced", null);
    watchdog.expectEnd(first);
    watchdog.expectEnd(new EngineException(ExitCode.INTERNAL, "afterwards", null));

    assertThat(lookFor(Watchdog.LONGEST_END.minus(LOOK))).isNull();
    assertThat(lookFor(LOOK)).isSameAs(first);
  }

  @Test
  void aThreadThatIsGoneWithoutAWordIsNoticed() throws InterruptedException {
    release.countDown();
    watched.join();

    assertThat(Objects.requireNonNull(watchdog.look()).exitCode()).isEqualTo(ExitCode.INTERNAL);
  }
}
