package io.rowbell.engine.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.rowbell.engine.config.SubscriberConfig.HandlerTarget;
import io.rowbell.engine.config.SubscriberConfig.SinkTarget;
import io.rowbell.spi.Journal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderIT {
  private static final String SMALL =
      """
      source: {postgres: {database: shop}}
      rules: [rules/*.yaml]
      """;

  private final Path directory;

  ConfigLoaderIT(@TempDir Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(directory.resolve("rules/more"));
    for (String name : new String[] {"b.yaml", "a.yaml", "more/c.yaml", "notes.txt"}) {
      Files.writeString(directory.resolve("rules").resolve(name), "rules: v1\n");
    }
  }

  private LoadedConfig load(String yaml, String... environment) throws IOException {
    Path file = directory.resolve("rowbell.yaml");
    Files.writeString(file, yaml);
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < environment.length; i += 2) {
      variables.put(environment[i], environment[i + 1]);
    }
    return ConfigLoader.load(file, variables, classes -> Fakes.ADAPTERS);
  }

  /** What is shown, with the file's directory left out. */
  private String messages(String yaml, String... environment) {
    String[] shown = new String[1];
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> load(yaml, environment))
        .satisfies(e -> shown[0] = String.valueOf(e.getMessage()));
    return shown[0].replace(directory + "/", "").replace(directory.toString(), "DIR");
  }

  @Test
  void aSmallFileIsEnough() throws IOException {
    EngineConfig config = load(SMALL).config();

    assertThat(config.name()).isEqualTo("rowbell");
    assertThat(config.directory()).isEqualTo(directory);
    assertThat(config.rules())
        .containsExactly(directory.resolve("rules/a.yaml"), directory.resolve("rules/b.yaml"));
    assertThat(config.journal().settings())
        .isEqualTo(new Fakes.FileSettings(Path.of("data/journal.db")));
    assertThat(config.subscribers()).isEmpty();
    assertThat(config.http()).isNull();
    assertThat(config.hashKey()).isNull();
    assertThat(config.context().pipeline()).isEqualTo("rowbell");
  }

  @Test
  void aWholeFileIsRead() throws IOException {
    Files.writeString(directory.resolve("password"), "pw\n");
    EngineConfig config =
        load("""
                name: shop
                source: {postgres: {database: shop, password: "${file:password}"}}
                rules: ["rules/**.yaml"]
                journal: {kafka: {bootstrap: "localhost:9092"}}
                subscribers:
                  - {name: alerts, events: [A, B], webhook: {url: "https://example.com"}, start: earliest}
                  - {name: audit, handler: io.rowbell.engine.config.ConfigLoaderIT, retry: {attempts: 3}}
                http: {listen: "[::1]:0"}
                debezium: {poll.interval.ms: 10}
                hash-key: abc
                """)
            .config();

    assertThat(config.rules()).hasSize(3);
    Fakes.DatabaseSettings source = (Fakes.DatabaseSettings) config.source().settings();
    assertThat(source.password()).isNotNull();
    assertThat(String.valueOf(source)).doesNotContain("pw");
    SubscriberConfig alerts = config.subscribers().get(0);
    assertThat(alerts.events()).containsExactlyInAnyOrder("A", "B");
    assertThat(alerts.start()).isEqualTo(Journal.Start.EARLIEST);
    assertThat(alerts.target()).isInstanceOf(SinkTarget.class);
    assertThat(alerts.retry()).isEqualTo(RetryConfig.byDefault());
    SubscriberConfig audit = config.subscribers().get(1);
    assertThat(audit.target())
        .isInstanceOfSatisfying(
            HandlerTarget.class,
            handler -> assertThat(handler.type()).isEqualTo(ConfigLoaderIT.class));
    assertThat(audit.retry().attempts()).isEqualTo(3);
    assertThat(config.http()).isEqualTo(new HttpConfig(new ListenAddress("::1", 0), null));
    assertThat(config.debezium()).containsExactly(Map.entry("poll.interval.ms", "10"));
    assertThat(String.valueOf(config.hashKey())).isEqualTo("****");
  }

  @Test
  void everythingWrongIsShownAtOnce() {
    assertThat(
            messages(
                """
                nmae: shop
                source: {postgers: {database: shop}}
                rules: [rules/*.yaml]
                journal: sqlite
                subscribers:
                  - {name: a, handler: com.example.Audit}
                  - {name: b, webhook: {url: "https://example.com"}, handler: java.lang.String}
                  - {name: c, start: now}
                  - {name: a b, webhook: {url: /x}}
                http: {listen: "0.0.0.0:80"}
                debezium:
                """))
        .isEqualTo(
            """
            rowbell.yaml:1:1: error C001: unknown key 'nmae'
                 1 | nmae: shop
                   | ^
                   = help: did you mean 'name'?
            rowbell.yaml:2:10: error C006: there is no source 'postgers'
                 2 | source: {postgers: {database: shop}}
                   |          ^
                   = help: did you mean 'postgres'?
            rowbell.yaml:4:10: error C003: 'journal' must be a mapping, not text
                 4 | journal: sqlite
                   |          ^
                   = help: write {sqlite: {}}
            rowbell.yaml:6:24: error C010: there is no class 'com.example.Audit'
                 6 |   - {name: a, handler: com.example.Audit}
                   |                        ^
                   = help: put its jar into the plugins directory or on the class path; a nested class is written Outer$Inner
            rowbell.yaml:7:54: error C004: 'subscribers[1]' has more than one place to deliver to
                 7 |   - {name: b, webhook: {url: "https://example.com"}, handler: java.lang.String}
                   |                                                      ^
                   = help: name one of handler, webhook
            rowbell.yaml:8:5: error C002: 'subscribers[2]' has nowhere to deliver to
                 8 |   - {name: c, start: now}
                   |     ^
                   = help: name one of handler, webhook
            rowbell.yaml:8:22: error C004: 'subscribers[2].start' must be one of latest, earliest, not 'now'
                 8 |   - {name: c, start: now}
                   |                      ^
            rowbell.yaml:9:32: error C004: 'subscribers[3].webhook.url' must be a URI such as https://example.com/x, not '/x'
                 9 |   - {name: a b, webhook: {url: /x}}
                   |                                ^
                   = help: begin with a scheme, as in https://example.com/x
            rowbell.yaml:10:8: error C008: 'http.listen': an address that others can reach needs a 'token'
                10 | http: {listen: "0.0.0.0:80"}
                   |        ^
            rowbell.yaml:11:1: error C003: 'debezium' has no value
                11 | debezium:
                   | ^
                   = help: write {}""");
  }

  @Test
  void namesAndFilesAreLookedAtOnceTheRestIsRight() {
    assertThat(
            messages(
                SMALL.replace("rules/*.yaml", "rules/*.yaml, none/*.yaml, rules/a.yml")
                    + """
                    subscribers:
                      - {name: a, handler: java.lang.String}
                      - {name: a, handler: java.lang.String}
                    plugins: nowhere
                    """))
        .isEqualTo(
            """
            rowbell.yaml:2:23: error C009: no file fits 'none/*.yaml'
                 2 | rules: [rules/*.yaml, none/*.yaml, rules/a.yml]
                   |                       ^
                   = help: it is looked for in DIR
            rowbell.yaml:2:36: error C009: no file fits 'rules/a.yml'
                 2 | rules: [rules/*.yaml, none/*.yaml, rules/a.yml]
                   |                                    ^
                   = help: it is looked for in DIR
            rowbell.yaml:5:6: error C004: there is another subscriber 'a'
                 5 |   - {name: a, handler: java.lang.String}
                   |      ^
                   = help: its cursor is kept under its name: give each one of its own
            rowbell.yaml:6:1: error C009: there is no directory 'nowhere'
                 6 | plugins: nowhere
                   | ^
                   = help: make it, or leave 'plugins' out""");
  }

  @Test
  void theEnvironmentMayGiveAWholeSection() throws IOException {
    EngineConfig config =
        load("rules: [rules/a.yaml]\n", "ROWBELL_SOURCE_POSTGRES_DATABASE", "shop").config();

    assertThat(config.source().settings())
        .isEqualTo(
            new Fakes.DatabaseSettings(
                "localhost", "shop", null, new Fakes.DatabaseSettings.Tls("prefer")));
    assertThat(load(SMALL, "ROWBELL_JOURNAL_KAFKA_BOOTSTRAP", "k:1").config().journal().settings())
        .isEqualTo(new Fakes.TopicSettings("k:1"));
    assertThat(load(SMALL, "ROWBELL_RULES", "rules/b.yaml").config().rules())
        .containsExactly(directory.resolve("rules/b.yaml"));
  }

  @Test
  void theEnvironmentDoesNotChangeWhatTheFileChooses() {
    assertThat(
            messages(SMALL + "journal: {sqlite: {}}\n", "ROWBELL_JOURNAL_KAFKA_BOOTSTRAP", "k:1"))
        .isEqualTo(
            """
            environment:1:1: error C007: 'ROWBELL_JOURNAL_KAFKA_BOOTSTRAP' overrides 'journal.kafka.bootstrap', which is not in use
                 1 | ROWBELL_JOURNAL_KAFKA_BOOTSTRAP
                   | ^
                   = help: the file chooses something else: unset the variable, or change the file""");
  }

  @Test
  void aVariableThatAnOverriddenValueRefersToIsMeant() throws IOException {
    String yaml = SMALL.replace("shop", "\"${env:ROWBELL_SHOP}\"");
    String[] environment = {
      "ROWBELL_SOURCE_POSTGRES_DATABASE", "shop", "ROWBELL_SHOP", "elsewhere"
    };

    assertThat(load(yaml, environment).config().source().settings())
        .isInstanceOfSatisfying(
            Fakes.DatabaseSettings.class,
            settings -> assertThat(settings.database()).isEqualTo("shop"));
  }

  @Test
  void ofAFileThatCannotBeReadWholeNoVariableIsJudged() {
    assertThat(
            messages(
                "name: @shop\n" + SMALL,
                "ROWBELL_JOURNAL_KAFKA_BOOTSTRAP",
                "k:1",
                "ROWBELL_X",
                "x"))
        .isEqualTo(
            """
            rowbell.yaml:1:7: error R003: YAML lets no value begin with '@'
                 1 | name: @shop
                   |       ^
                   = help: write the whole value between quotes, or after '|' on a line of its own""");
  }

  @Test
  void oneMistakeIsOneMessage() {
    assertThat(
            messages(
                """
                source: {postgres: {databse: shop}}
                rules: rules.yaml
                subscribers:
                  - {name: a, webhok: {url: "https://example.com"}}
                """))
        .isEqualTo(
            """
            rowbell.yaml:1:21: error C001: unknown key 'databse'
                 1 | source: {postgres: {databse: shop}}
                   |                     ^
                   = help: did you mean 'database'?
            rowbell.yaml:2:8: error C003: 'rules' must be a list, not text
                 2 | rules: rules.yaml
                   |        ^
                   = help: write [rules.yaml]
            rowbell.yaml:4:15: error C001: unknown key 'webhok'
                 4 |   - {name: a, webhok: {url: "https://example.com"}}
                   |               ^
                   = help: did you mean 'webhook'?""");
  }

  @Test
  void whatAnAdapterRefusesIsShownInItsPlace() throws Exception {
    EngineConfig config = load(SMALL.replace("shop}", "shop, tls: {mode: prefer}}")).config();

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> config.source().open(config.context()))
        .satisfies(
            e ->
                assertThat(String.valueOf(e.getMessage()).replace(directory + "/", ""))
                    .isEqualTo(
                        """
                        rowbell.yaml:1:43: error C008: 'source.postgres.tls.mode': there is no TLS on a socket
                             1 | source: {postgres: {database: shop, tls: {mode: prefer}}}
                               |                                           ^"""));
    // The journal was left out: the nearest place is the top of the file.
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> config.journal().open(config.context()))
        .withMessageContaining("rowbell.yaml:1:1: error C008: 'journal.sqlite.file': it cannot");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> ConfigLoader.load(directory.resolve("none.yaml"), Map.of()))
        .withMessageStartingWith("there is no file '" + directory.resolve("none.yaml") + "'");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> ConfigLoader.load(directory, Map.of()))
        .withMessageContaining("is a directory");
  }

  @Test
  void aReferenceReadsAFileBesideTheConfiguration() throws IOException {
    Files.writeString(directory.resolve("db"), "shop\r\n");
    String yaml = SMALL.replace("shop", "\"${file:db}\"");
    assertThat(load(yaml).config().source().settings())
        .isInstanceOfSatisfying(
            Fakes.DatabaseSettings.class,
            settings -> assertThat(settings.database()).isEqualTo("shop"));

    Files.write(directory.resolve("db"), new byte[] {(byte) 0xff});
    assertThat(messages(yaml)).contains("the file 'db' is not text in UTF-8");
    Files.write(directory.resolve("db"), new byte[References.MAX_FILE_BYTES + 1]);
    assertThat(messages(yaml)).contains("the file 'db' is larger than 1MiB");
    Files.delete(directory.resolve("db"));
    Files.createDirectory(directory.resolve("db"));
    assertThat(messages(yaml)).contains("'db' is a directory, not a file");
  }

  @Test
  void theJarsOfThePluginsDirectoryAreOnTheClassPath() throws IOException {
    Path plugins = Files.createDirectory(directory.resolve("plugins"));
    try (JarOutputStream jar =
        new JarOutputStream(Files.newOutputStream(plugins.resolve("audit.jar")))) {
      jar.putNextEntry(new ZipEntry("plugged/Audit.properties"));
      jar.closeEntry();
    }

    EngineConfig config = load(SMALL).config();

    assertThat(config.classes().getResource("plugged/Audit.properties")).isNotNull();
    assertThat(config.classes().getParent()).isEqualTo(EngineConfig.class.getClassLoader());
  }

  @Test
  void aHostileFileIsRefusedSoonAndInLittleMemory() throws IOException {
    Path file = directory.resolve("rowbell.yaml");
    for (String hostile :
        new String[] {
          "a: &a [*a, *a]\n",
          "name: shop\nname: shop\n",
          "[".repeat(100_000),
          "!!javax.script.ScriptEngineManager []\n",
          "name: \"" + "${env:PATH}".repeat(90_000) + "\"\n"
        }) {
      assertThatExceptionOfType(ConfigException.class)
          .isThrownBy(() -> assertTimeoutPreemptively(Duration.ofSeconds(20), () -> load(hostile)));
    }
    // More than there is memory for.
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(3L << 30);
    }
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> ConfigLoader.load(file, Map.of(), classes -> Fakes.ADAPTERS))
        .withMessageContaining("larger than 1048576 bytes");
    Files.delete(file);
  }
}
