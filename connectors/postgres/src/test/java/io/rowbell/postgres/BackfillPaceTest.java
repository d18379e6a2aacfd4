package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackfillPaceTest {
  private final BackfillPace pace = new BackfillPace(400);

  @Test
  void chunksGrowToTheBoundAndShrinkWhenTheyAreLarge() {
    assertThat(pace.rows()).isEqualTo(100);
    pace.read(false);
    pace.read(false);
    pace.read(false);
    assertThat(pace.rows()).isEqualTo(400);
    pace.read(true);
    assertThat(pace.rows()).isEqualTo(200);
  }

  @Test
  void eachTimeItIsHeldUpItWaitsTwiceAsLongUntilAChunkIsRead() {
    assertThat(pace.isDue(0)).isTrue();
    pace.heldUp(0, false);
    assertThat(pace.isDue(seconds(1) - 1)).isFalse();
    assertThat(pace.isDue(seconds(1))).isTrue();
    pace.heldUp(seconds(1), false);
    assertThat(pace.isDue(seconds(3) - 1)).isFalse();
    assertThat(pace.isDue(seconds(3))).isTrue();
    for (int i = 0; i < 10; i++) {
      pace.heldUp(0, false);
    }
    assertThat(pace.isDue(seconds(30))).as("no longer than 30 s").isTrue();
    assertThat(pace.rows()).as("a lock has nothing to do with rows").isEqualTo(100);
    pace.read(false);
    assertThat(pace.isDue(0)).isTrue();
  }

  @Test
  void fewerRowsAreReadAfterTakingTooLongButAtLeastOne() {
    pace.heldUp(0, true);
    assertThat(pace.rows()).isEqualTo(50);
    for (int i = 0; i < 10; i++) {
      pace.heldUp(0, true);
    }
    assertThat(pace.rows()).isEqualTo(1);
    pace.read(false);
    assertThat(pace.rows()).as("it grows back").isEqualTo(2);
  }

  private static long seconds(int seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }
}
