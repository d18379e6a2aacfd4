package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.spi.InvalidSettingException;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;

/** What a user writes says where the database is, and nothing else to the driver. */
class PostgresSettingsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "db1,db2",
        "db:5433",
        "db/other?",
        "db/x?socketFactory=evil.Factory&a=",
        "db/x?sslfactory=evil.Factory&sslmode=disable&a=",
        "db#",
        "me@db",
        "jdbc:postgresql://db/shop",
        "[::1]",
        "db name",
        "db\n",
        "var/run/postgresql",
        "/var/run\0"
      })
  void whatIsMoreThanAHostIsRefused(String host) {
    assertThatThrownBy(() -> RunningSource.settings(host, 5432, "shop", "bell", "secret"))
        .isInstanceOfSatisfying(
            InvalidSettingException.class, e -> assertThat(e.key()).isEqualTo("host"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "db_1.shop.internal", "10.0.0.7", "::1", "fe80::1%eth0"})
  void hosts(String host) {
    assertThat(RunningSource.settings(host, 5432, "shop", "bell", "secret").host()).isEqualTo(host);
  }

  @Test
  void aSocketsDirectoryIsNoPartOfTheUrl() {
    PostgresSettings settings =
        RunningSource.settings("/run/a?b&socketFactory=c", 5433, "shop", "bell", "secret");

    SqlConnections connections = new SqlConnections(settings, "p", Path.of(""));

    assertThat(connections.url()).isEqualTo("jdbc:postgresql://localhost:5433/shop");
    assertThat(connections.properties())
        .containsEntry("socketFactoryArg", "/run/a?b&socketFactory=c/.s.PGSQL.5433");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shop?socketFactory=evil.Factory",
        "shop?sslfactory=evil.Factory&sslmode=disable",
        "shop/x?authenticationPluginClassName=evil.Plugin",
        "shop&loggerFile=/etc/passwd"
      })
  void theNameOfADatabaseSetsNoPropertyOfTheDriver(String database) {
    String url =
        new SqlConnections(
                RunningSource.settings("db", 5432, database, "bell", "secret"), "p", Path.of(""))
            .url();
    Properties read = Driver.parseURL(url, new Properties());

    assertThat(read).isNotNull();
    assertThat(read.stringPropertyNames())
        .containsExactlyInAnyOrder("PGHOST", "PGPORT", "PGDBNAME");
    assertThat(read.getProperty("PGDBNAME")).isEqualTo(database);
  }
}
