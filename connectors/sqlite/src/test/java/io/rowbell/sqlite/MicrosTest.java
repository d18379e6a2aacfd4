package io.rowbell.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MicrosTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "2026-11-20T08:15:30.123456Z",
        "-4712-01-01T00:00:00Z",
        "+99999-12-31T23:59:59.999999Z"
      })
  void everyMicrosecondComesBack(Instant time) {
    assertThat(Micros.toInstant(Micros.of(time))).isEqualTo(time);
  }
}
