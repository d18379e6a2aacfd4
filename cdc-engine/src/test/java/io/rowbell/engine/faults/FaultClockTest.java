package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FaultClockTest {
  private final FaultClock clock = new FaultClock();

  @Test
  void aFaultIsOverWithTheNextEngine() {
    assertThat(clock.soundSince()).isEmpty();
    clock.started();
    assertThat(clock.soundSince()).isPresent();
    clock.injected();
    assertThat(clock.soundSince()).isEmpty();
    clock.started();
    assertThat(clock.soundSince()).isPresent();
    assertThat(clock.faults()).isEqualTo(1);
  }

  @Test
  void oneThatLastsIsOverWhenItIsHealed() {
    clock.started();
    clock.begun();
    clock.started();
    assertThat(clock.soundSince()).isEmpty();
    clock.healed();
    assertThat(clock.soundSince()).isPresent();
    clock.begun();
    clock.injected();
    clock.started();
    assertThat(clock.soundSince()).isEmpty();
  }

  @Test
  void aRecoveryBeginsWithTheStartOrTheEndOfTheFaultAfterIt() {
    clock.started();
    long started = System.nanoTime();
    assertThat(clock.recoveringSince(started, System.nanoTime())).isEqualTo(started);
    clock.begun();
    clock.healed();
    long healed = clock.soundSince().orElseThrow();
    assertThat(clock.recoveringSince(started, System.nanoTime())).isEqualTo(healed);
    clock.healed();
    assertThat(clock.recoveringSince(started, healed)).isEqualTo(healed);
  }
}
