package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CapacityTest {
  @Test
  void subscribersShareASixteenthOfTheHeap() {
    assertThat(Capacity.share(256L << 20, 1)).isEqualTo(new Capacity(10_000, 16L << 20));
    assertThat(Capacity.share(256L << 20, 4)).isEqualTo(new Capacity(10_000, 4L << 20));
    assertThat(Capacity.share(16, 100)).isEqualTo(new Capacity(10_000, 1));
    assertThat(Capacity.share(16, 0)).isEqualTo(new Capacity(10_000, 1));
  }
}
