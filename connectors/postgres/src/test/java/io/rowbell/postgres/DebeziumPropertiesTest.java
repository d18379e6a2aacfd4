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
        "database.sslfactory",
        "database.authenticationPluginClassName",
        "database.loggerFile",
        "database.connection.factory.class",
        "database.initial.statements",
        "driver.socketFactory",
        "driver.sslfactory",
        "driver.sslhostnameverifier",
        "driver.sslpasswordcallback",
        "driver.xmlFactoryFactory",
        "driver.authenticationPluginClassName",
        "driver.loggerFile",
        "connector.class",
        "key.converter",
        "converters",
        "predicates",
        "notification.enabled.channels",
        "signal.enabled.channels",
        "schema.history.internal",
        "offset.commit.policy",
        "config.providers",
        "interceptor.classes",
        "metric.reporters",
        "custom.metric.tags",
        "errors.max.retries",
        "transforms"
      })
  void whatDecidesAboutRowsAndPositionsIsRefused(String key) {
    assertThatThrownBy(() -> DebeziumProperties.check(Map.of(key, "x")))
        .isInstanceOfSatisfying(
            InvalidSettingException.class, e -> assertThat(e.key()).isEqualTo(key))
        .hasMessageContaining("these can be set: connection.validation.timeout.ms, ");
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
