package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Position;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  private final Progress progress = new Progress();

  private void streamedAndSawItsMarker() {
    progress.streaming();
    progress.markerWritten(1, NOW, null);
    progress.markerSeen(1);
  }

  @Test
  void aMarkerThatCameBackProvesTheStreamAlive() {
    progress.streaming();
    assertThat(progress.status().lastMarker()).isZero();
    assertThat(progress.status().caughtUp()).isFalse();
    streamedAndSawItsMarker();
    assertThat(progress.status().lastMarker()).isNotZero();
    assertThat(progress.status().caughtUp()).isTrue();
  }

  @Test
  void whatIsDurableIsAsOldAsItsCommitByTheServersClock() {
    assertThat(progress.status().behind()).as("nothing is known of the server").isNull();

    progress.streaming();
    progress.markerWritten(1, NOW, null);
    progress.done(Position.ZERO, NOW.minusSeconds(40));
    assertThat(progress.status().behind())
        .isBetween(Duration.ofSeconds(40), Duration.ofSeconds(100));

    progress.done(Position.ZERO, NOW.minusSeconds(50));
    assertThat(progress.status().behind())
        .as("an older one adds nothing")
        .isLessThan(Duration.ofSeconds(49));

    progress.markerSeen(1);
    assertThat(progress.status().behind()).isEqualTo(Duration.ZERO);

    progress.waiting("the server went away");
    assertThat(progress.status().behind())
        .as("the clock goes on")
        .isGreaterThanOrEqualTo(Duration.ofSeconds(40));
  }

  @Test
  void whoFollowsNoStreamHasNoTurn() {
    assertThat(progress.status().lastTurn()).isZero();
    progress.streaming();
    assertThat(progress.status().lastTurn()).isNotZero();
    progress.closing();
    progress.done(Position.ZERO, NOW);
    assertThat(progress.status().lastTurn()).isZero();
  }

  @Test
  void theMarkerOfAnEarlierStreamProvesNothingOfTheNext() {
    streamedAndSawItsMarker();
    progress.waiting("the server went away");
    assertThat(progress.status().waitingFor()).isEqualTo("the server went away");
    assertThat(progress.status().lastMarker()).isZero();

    progress.streaming();
    assertThat(progress.status().waitingFor()).isNull();
    assertThat(progress.status().lastMarker()).as("no marker of this stream yet").isZero();
    assertThat(progress.status().caughtUp()).isFalse();
  }
}
