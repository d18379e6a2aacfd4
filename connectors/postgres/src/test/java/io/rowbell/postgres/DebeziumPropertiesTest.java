package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.spi.InvalidSettingException;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DebeziumPropertiesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "lsn.flush.mode",
        "offset.storage",
        "snapshot.mode",
        "publication.autocreate.mode",
        "database.socketFactory",
        "errors.max.retries",
        "transforms"
      })
  void whatDecidesAboutRowsAndPositionsIsRefused(String key) {
    assertThatThrownBy(() -> DebeziumProperties.check(Map.of(key, "x")))
        .isInstanceOfSatisfying(
            InvalidSettingException.class, e -> assertThat(e.key()).isEqualTo(key));
  }

  @Test
  void theRestMayBeSet() {
    assertThatCode(() -> DebeziumProperties.check(Map.of("status.update.interval.ms", "1000")))
        .doesNotThrowAnyException();
  }

  @Test
  void debeziumNeverLearnsThePassword() {
    Properties properties =
        DebeziumProperties.of(
            RunningSource.settings("localhost", 5432, "db", "user", "canary"),
            "shop",
            "shop",
            "it's",
            "run",
            Map.of("status.update.interval.ms", "1000"));
    assertThat(properties.toString()).doesNotContain("canary");
    assertThat(properties)
        .containsEntry("publication.name", "it''s")
        .containsEntry("status.update.interval.ms", "1000")
        .containsEntry("lsn.flush.mode", "connector")
        .containsEntry("publication.autocreate.mode", "disabled");
  }
}
