package io.rowbell.engine.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.rowbell.spi.ByteSize;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Secret;
import io.rowbell.spi.Setting;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BinderTest {
  enum Colour {
    RED,
    DARK_BLUE
  }

  record Pool(
      @Setting(value = "How many.", byDefault = "4") int size,
      @Setting(value = "How long.", byDefault = "30s") Duration maxWait) {
    Pool {
      if (size < 1) {
        throw new InvalidSettingException("size", "it is 1 or more");
      }
      if (maxWait.isZero()) {
        throw new IllegalArgumentException("no wait at all is no pool");
      }
    }
  }

  record Everything(
      @Setting("Text.") String text,
      @Setting("A number.") int count,
      @Setting("A large number.") long total,
      @Setting("A flag.") boolean on,
      @Setting("A duration.") Duration pause,
      @Setting("A size.") ByteSize room,
      @Setting("A path.") Path file,
      @Setting("A URI.") URI address,
      @Setting("A secret.") Secret password,
      @Setting("A word.") Colour colour,
      @Setting("A record.") Pool pool,
      @Setting("A list.") List<String> names,
      @Setting("A list of records.") List<Pool> pools,
      @Setting("Names of the user's own.") Map<String, String> extra,
      @Setting("May be left out.") @Nullable String note) {}

  record Small(
      @Setting("The host.") String host,
      @Setting(value = "The port.", byDefault = "5432") int port,
      @Setting("The password.") @Nullable Secret password,
      @Setting("The pool.") Pool pool) {}

  record Many(
      @Setting(value = "Words.", byDefault = "[red]") List<Colour> colours,
      @Setting(value = "Pools.", byDefault = "[]") List<Pool> pools,
      @Setting(value = "Extra.", byDefault = "{}") Map<String, String> extra) {}

  @Test
  void everyTypeIsRead() {
    Bound<Everything> bound =
        Bound.of(
            Everything.class,
            """
            text: no
            count: -7
            total: 9000000000
            on: true
            pause: 1h30m
            room: 64MiB
            file: data/journal.db
            address: https://example.com/hook?x=1
            password: "s3cr3t"
            colour: dark-blue
            pool: {size: 2, max-wait: 250ms}
            names: [a, "b"]
            pools:
              - {}
              - size: 9
            extra: {poll.interval.ms: 10, x: yes}
            """);

    Everything settings = bound.clean();
    assertThat(settings.text()).isEqualTo("no");
    assertThat(settings.count()).isEqualTo(-7);
    assertThat(settings.total()).isEqualTo(9_000_000_000L);
    assertThat(settings.on()).isTrue();
    assertThat(settings.pause()).isEqualTo(Duration.ofMinutes(90));
    assertThat(settings.room()).isEqualTo(new ByteSize(64L << 20));
    assertThat(settings.file()).isEqualTo(Path.of("data/journal.db"));
    assertThat(settings.address()).isEqualTo(URI.create("https://example.com/hook?x=1"));
    assertThat(settings.password().reveal()).isEqualTo("s3cr3t");
    assertThat(settings.colour()).isEqualTo(Colour.DARK_BLUE);
    assertThat(settings.pool()).isEqualTo(new Pool(2, Duration.ofMillis(250)));
    assertThat(settings.names()).containsExactly("a", "b");
    assertThat(settings.pools())
        .containsExactly(new Pool(4, Duration.ofSeconds(30)), new Pool(9, Duration.ofSeconds(30)));
    assertThat(settings.extra()).isEqualTo(Map.of("poll.interval.ms", "10", "x", "yes"));
    assertThat(settings.note()).isNull();
  }

  @Test
  void everythingWrongIsShownAtOnceEachInItsPlace() {
    Bound<Small> bound =
        Bound.of(
            Small.class,
            """
            hots: localhost
            port: "5432"
            password: [a]
            pool:
              size: many
              max-wait: 30
              colour: red
            """);

    assertThat(bound.settings()).isNull();
    assertThat(bound.messages())
        .isEqualTo(
            """
            rowbell.yaml:1:1: error C001: unknown key 'hots'
                 1 | hots: localhost
                   | ^
                   = help: did you mean 'host'?
            rowbell.yaml:2:8: error C003: 'port' must be a whole number, not text
                 2 | port: "5432"
                   |        ^
                   = help: remove the quotes
            rowbell.yaml:3:11: error C003: 'password' must be a secret, not a list
                 3 | password: [a]
                   |           ^
            rowbell.yaml:5:9: error C004: 'pool.size' must be a whole number, not 'many'
                 5 |   size: many
                   |         ^
            rowbell.yaml:6:13: error C004: 'pool.max-wait' must be a duration such as 30s, not '30'
                 6 |   max-wait: 30
                   |             ^
            rowbell.yaml:7:3: error C001: unknown key 'colour'
                 7 |   colour: red
                   |   ^
                   = help: the keys here are size, max-wait""");
  }

  @Test
  void whatIsMissingIsToBeAdded() {
    record Missing(
        @Setting("The database to follow.") String database,
        @Setting("The files.") List<String> files,
        @Setting("Names.") Map<String, String> names) {}
    assertThat(Bound.of(Missing.class, "{}").messages())
        .isEqualTo(
            """
            rowbell.yaml:1:1: error C002: 'database' is missing
                 1 | {}
                   | ^
                   = help: add 'database: ...': The database to follow.
            rowbell.yaml:1:1: error C002: 'files' is missing
                 1 | {}
                   | ^
                   = help: add 'files: [...]': The files.
            rowbell.yaml:1:1: error C002: 'names' is missing
                 1 | {}
                   | ^
                   = help: add 'names: {...}': Names.""");
  }

  @ParameterizedTest
  @CsvSource({"a.yaml, [a.yaml]", "rules/*.yaml, [rules/*.yaml]", "'\"*.yaml\"', ['*.yaml']"})
  void anItemAloneIsWrittenAsAList(String written, String list) {
    record Files(@Setting("The files.") List<String> files) {}
    assertThat(Bound.of(Files.class, "files: " + written).messages())
        .startsWith("rowbell.yaml:1:")
        .contains(": error C003: 'files' must be a list, not text\n")
        .endsWith("= help: write " + list);
  }

  @Test
  void aKeyWithoutValueIsNotItsDefault() {
    assertThat(Bound.of(Small.class, "host: a\nport:\npool:\n").messages())
        .isEqualTo(
            """
            rowbell.yaml:2:1: error C003: 'port' has no value
                 2 | port:
                   | ^
                   = help: it must be a whole number
            rowbell.yaml:3:1: error C003: 'pool' has no value
                 3 | pool:
                   | ^
                   = help: write {}""");
  }

  @Test
  void whatARecordRefusesIsShownAtTheKeyOrAtTheRecord() {
    assertThat(
            Bound.of(Many.class, "pools:\n  - {size: 0}\n  - max-wait: 0s\nextra: {}\n").messages())
        .isEqualTo(
            """
            rowbell.yaml:2:6: error C008: 'pools[0].size': it is 1 or more
                 2 |   - {size: 0}
                   |      ^
            rowbell.yaml:3:5: error C008: no wait at all is no pool
                 3 |   - max-wait: 0s
                   |     ^""");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "colours: [red, blu]  | 1:16: error C004: 'colours[1]' must be one of red, dark-blue, not 'blu'",
        "colours: [dark_blue] | help: did you mean 'dark-blue'?",
        "colours: red         | 1:10: error C003: 'colours' must be a list, not text",
        "pools: {size: 1}     | 1:8: error C003: 'pools' must be a list, not a mapping",
        "pools: [2]           | 1:9: error C003: 'pools[0]' must be a mapping, not text",
        "extra: [a]           | 1:8: error C003: 'extra' must be a mapping, not a list",
        "extra: {a: {b: c}}   | 1:12: error C003: 'extra.a' must be text, not a mapping",
        "[a]                  | 1:1: error C003: the file must be a mapping, not a list"
      })
  void aWrongShapeSaysWhatWasExpected(String yaml, String message) {
    assertThat(Bound.of(Many.class, yaml).messages()).contains(message);
  }

  @ParameterizedTest
  @CsvSource({"yes,write true", "Off,''", "off,write false", "1,''", "TRUE,write true"})
  void aFlagIsTrueOrFalse(String value, String help) {
    record Flag(@Setting("On.") boolean on) {}

    assertThat(Bound.of(Flag.class, "on: " + value).messages())
        .contains("'on' must be true or false, not '" + value + "'")
        .contains(help);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2147483648", "1_000", "0x10", "1e3", "1.0", "+1", " ", "9223372036854775808"})
  void aNumberThatIsNoneIsNotRepaired(String value) {
    record Count(@Setting("N.") int n) {}

    assertThat(Bound.of(Count.class, "n: " + value).settings()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"30", "s", "1m1h", "1h 30m", "-1s", "1.5h", "1w", "999999999999d"})
  void aDurationThatIsNoneIsNotRepaired(String value) {
    record Wait(@Setting("W.") Duration pause) {}

    assertThat(Bound.of(Wait.class, "pause: " + value).messages())
        .contains("'pause' must be a duration such as 30s, not '" + value + "'");
  }

  @ParameterizedTest
  @CsvSource({"0s,0s", "90s,1m30s", "24h,1d", "1500ms,1s500ms", "1d2h3m4s5ms,1d2h3m4s5ms"})
  void durationsAreShownInTheirLargestUnits(String written, String shown) {
    assertThat(Durations.format(Durations.parse(written))).isEqualTo(shown);
    assertThat(Durations.parse(shown)).isEqualTo(Durations.parse(written));
  }

  @Test
  void aSecretInTheFileIsNeverShownNotEvenByItsLine() {
    Bound<Small> bound =
        Bound.of(Small.class, "{host: a, password: \"hunter2\", port: x, pool: {}}");

    assertThat(bound.messages())
        .isEqualTo(
            """
            rowbell.yaml:1:38: error C004: 'port' must be a whole number, not 'x'
                 1 | {host: a, password: "*******", port: x, pool: {}}
                   |                                      ^""");
    assertThat(bound.effective().toString()).doesNotContain("hunter2");
  }

  @Test
  void everySettingSaysWhereItCameFrom() {
    Bound<Small> bound =
        Bound.of(
            Small.class,
            "host: ${env:HOST}\npassword: x\npool: {size: \"${env:SIZE}\"}\n",
            Map.of("HOST", "db", "SIZE", "8", "ROWBELL_PORT_X", "", "ROWBELL_POOL_MAX_WAIT", "1m"));

    assertThat(bound.messages()).contains("ROWBELL_PORT_X");
    assertThat(bound.effective())
        .containsExactly(
            new EffectiveSetting("host", "${env:HOST}", Origin.FILE, "rowbell.yaml:1"),
            new EffectiveSetting("port", "5432", Origin.DEFAULT, ""),
            new EffectiveSetting("password", "****", Origin.FILE, "rowbell.yaml:2"),
            new EffectiveSetting("pool.size", "8", Origin.FILE, "rowbell.yaml:3"),
            new EffectiveSetting("pool.max-wait", "1m", Origin.OVERRIDE, "ROWBELL_POOL_MAX_WAIT"));
  }

  @Test
  void whatHasNoValueIsShownToo() {
    assertThat(Bound.of(Many.class, "{}").effective())
        .containsExactly(
            new EffectiveSetting("colours[0]", "red", Origin.DEFAULT, ""),
            new EffectiveSetting("pools", "[]", Origin.DEFAULT, ""),
            new EffectiveSetting("extra", "{}", Origin.DEFAULT, ""));
    assertThat(Bound.of(Small.class, "host: a").effective())
        .contains(new EffectiveSetting("password", "", Origin.UNSET, ""));
  }

  @Test
  void anEntryWhoseNameSoundsSecretIsNotShown() {
    Bound<Many> bound = Bound.of(Many.class, "extra: {database.sslpassword: abc}");

    assertThat(bound.clean().extra()).containsEntry("database.sslpassword", "abc");
    assertThat(bound.effective())
        .contains(
            new EffectiveSetting(
                "extra.database.sslpassword", "****", Origin.FILE, "rowbell.yaml:1"));
  }

  @Test
  void aUriIsShownWithoutWhoLogsIn() {
    record Place(@Setting("Where.") URI at) {}

    assertThat(Bound.of(Place.class, "at: https://me:pw@example.com/x").effective())
        .containsExactly(
            new EffectiveSetting(
                "at", "https://****@example.com/x", Origin.FILE, "rowbell.yaml:1"));
  }

  @Test
  void defaultsComeFromTheRecord() {
    assertThat(Binder.defaults(Pool.class)).isEqualTo(new Pool(4, Duration.ofSeconds(30)));
    assertThat(RetryConfig.byDefault())
        .isEqualTo(new RetryConfig(10, Duration.ofMillis(500), Duration.ofMinutes(5)));
  }

  @Test
  void aRecordWithoutDefaultsIsAMistakeOfItsAuthor() {
    record Undescribed(String a) {}
    record Strange(@Setting("S.") StringBuilder a) {}

    assertThatIllegalStateException()
        .isThrownBy(() -> Binder.defaults(Small.class))
        .withMessageContaining("'host' is missing");
    assertThatIllegalStateException()
        .isThrownBy(() -> Binder.defaults(Undescribed.class))
        .withMessageContaining("is not described by @Setting");
    assertThatIllegalStateException()
        .isThrownBy(() -> Binder.defaults(Strange.class))
        .withMessageContaining("a setting cannot be a java.lang.StringBuilder");
  }
}
