package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ActsTest {
  @Test
  void whatPeopleGaveIsOneLineOfTheLog() {
    assertThat(Acts.oneLine("mended\n12:00 INFO all well\r\t\u001b[2K\u0085\u2028\u202e é ☃"))
        .isEqualTo("mended\uFFFD12:00 INFO all well\uFFFD\uFFFD\uFFFD[2K\uFFFD\uFFFD\uFFFD é ☃");
  }
}
