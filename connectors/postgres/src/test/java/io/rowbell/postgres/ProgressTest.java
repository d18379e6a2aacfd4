package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgressTest {
  private final Progress progress = new Progress();

  private void streamedAndSawItsMarker() {
    progress.streaming();
    progress.markerWritten(1, null);
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
