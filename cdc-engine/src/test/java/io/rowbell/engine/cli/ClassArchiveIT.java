package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.Ports;
import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The launcher with a real Java: its archive of classes is made, used, and never in the way. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClassArchiveIT {
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final Path LIST = Path.of("src/main/launcher/classes.lst");

  private static final Path SHOP = Path.of("../examples/shop");
  private static final Pattern MADE =
      Pattern.compile("^rowbell_pipeline_events_total(\\{.*})? [1-9]", Pattern.MULTILINE);

  /** How many of the program's classes may come from elsewhere before the list is out of date. */
  private static final double STALE = 0.1;

  private final Path home;
  private final Path cache;
  private final Path lib;
  private final Path scratch;
  private final HttpClient client = HttpClient.newHttpClient();
  private int pipelines;
  private int port;

  ClassArchiveIT(@TempDir Path directory) throws IOException {
    home = directory.resolve("a distribution");
    cache = directory.resolve("a cache");
    scratch = Files.createDirectories(directory.resolve("scratch"));
    lib = Files.createDirectories(home.resolve("cdc-engine/target/dist/lib"));
    Files.copy(Path.of("../rowbell"), home.resolve("rowbell"));
    assertThat(home.resolve("rowbell").toFile().setExecutable(true)).isTrue();
    try (Stream<Path> files = Files.list(Path.of("target/dist/lib").toAbsolutePath())) {
      for (Path file : files.toList()) {
        Files.createSymbolicLink(lib.resolve(file.getFileName()), file);
      }
    }
  }

  private Process start(Map<String, String> environment, String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of(home.resolve("rowbell").toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(scratch.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("ROWBELL_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("XDG_CACHE_HOME", cache.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  /** All that a command printed, on standard error, too. */
  private static String output(Process process) throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** Prints the version and nothing else; what classes it loaded. */
  private List<String> loadedByVersion(Map<String, String> environment) throws Exception {
    Path log = Files.createTempFile(scratch, "loaded", "");
    Map<String, String> more = new HashMap<>(environment);
    more.put("ROWBELL_JAVA_OPTS", "-Xlog:class+load:file=" + log);
    assertThat(output(start(more, "version"))).matches("rowbell .*, Java .*\n");
    return Files.readAllLines(log);
  }

  private static boolean isShared(String loaded) {
    return loaded.contains("source: shared objects file");
  }

  private static boolean isOurs(String loaded) {
    return loaded.contains(" io.rowbell.");
  }

  private void assertThatItIsUsed(Map<String, String> environment) throws Exception {
    assertThat(loadedByVersion(environment))
        .filteredOn(ClassArchiveIT::isOurs)
        .hasSizeGreaterThan(20)
        .filteredOn(ClassArchiveIT::isShared)
        .hasSizeGreaterThan(20);
  }

  private void assertThatItIsNotUsed(Map<String, String> environment) throws Exception {
    assertThat(loadedByVersion(environment))
        .filteredOn(ClassArchiveIT::isOurs)
        .hasSizeGreaterThan(20)
        .noneMatch(ClassArchiveIT::isShared);
  }

  /** What is in the cache. */
  private Set<Path> cached() {
    try (Stream<Path> files = Files.list(cache.resolve("rowbell"))) {
      return new TreeSet<>(files.toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until so many are complete and none is being made. */
  private Set<Path> archives(int count) {
    await()
        .atMost(BOUND)
        .until(() -> Files.isDirectory(cache.resolve("rowbell")) && cached().size() == 2 * count);
    return cached();
  }

  private Path archive() {
    return cached().stream()
        .filter(file -> !file.toString().endsWith(".size"))
        .findFirst()
        .orElseThrow();
  }

  @BeforeAll
  void twoFirstStartsMakeOne() throws Exception {
    Process one = start(Map.of(), "version");
    Process other = start(Map.of(), "version");
    assertThat(output(one)).matches("rowbell .*, Java .*\n");
    assertThat(output(other)).matches("rowbell .*, Java .*\n");
    archives(1);
  }

  @Test
  @Order(1)
  void theNextStartUsesIt() throws Exception {
    assertThatItIsUsed(Map.of());
    assertThatItIsNotUsed(Map.of("ROWBELL_CLASS_ARCHIVE", "off"));
  }

  @Test
  @Order(2)
  void aCacheThatCannotBeWrittenIsNotMissed() throws Exception {
    Path file = Files.writeString(scratch.resolve("file"), "");
    assertThatItIsNotUsed(Map.of("XDG_CACHE_HOME", file.toString()));
    assertThatItIsNotUsed(Map.of("XDG_CACHE_HOME", "", "HOME", "/nowhere"));
    Path open = Files.createDirectories(scratch.resolve("open"));
    Path others = Files.createDirectory(open.resolve("rowbell"));
    Files.setPosixFilePermissions(others, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatItIsNotUsed(Map.of("XDG_CACHE_HOME", open.toString()));
    assertThat(others).isEmptyDirectory();
  }

  @Test
  @Order(3)
  void aBrokenOneIsPassedOver() throws Exception {
    Path archive = archive();
    byte[] whole = Files.readAllBytes(archive);
    Path busy = Files.createDirectory(Path.of(archive + ".work")); // so that no other is made
    Files.delete(archive);
    Files.write(archive, Arrays.copyOf(whole, whole.length / 2));
    assertThatItIsNotUsed(Map.of());
    Files.write(archive, new byte[whole.length]);
    assertThatItIsNotUsed(Map.of());
    Files.delete(archive);
    assertThatItIsNotUsed(Map.of());
    Files.write(archive, whole);
    assertThatItIsUsed(Map.of());
    Files.delete(busy);
  }

  @Test
  @Order(4)
  void nearlyAllThatAnEngineLoadsIsInIt() throws Exception {
    try (PostgresServer server = PostgresServer.start()) {
      Path file = shop(server, "sqlite: {file: journal.db}");
      output(start(Map.of(), "check", "--apply", "--config", file.toString()));
      Path log = scratch.resolve("engine.log");
      run(server, file, Map.of("ROWBELL_JAVA_OPTS", "-Xlog:class+load:file=" + log));

      List<String> ours = Files.readAllLines(log).stream().filter(ClassArchiveIT::isOurs).toList();
      assertThat(ours).hasSizeGreaterThan(300);
      List<String> others = ours.stream().filter(loaded -> !isShared(loaded)).toList();
      assertThat((double) others.size() / ours.size())
          .as("not in %s, which -Drowbell.class-list=JAVA_HOME writes anew: %s", LIST, others)
          .isLessThan(STALE);
    }
  }

  @Test
  @Order(5)
  void otherJarsHaveAnother() throws Exception {
    Path before = archive();
    Path jar = lib.resolve("rowbell-model-0.1.0-SNAPSHOT.jar");
    Path original = jar.toRealPath();
    Files.delete(jar);
    Files.copy(original, jar);
    assertThatItIsNotUsed(Map.of());
    assertThat(archives(2)).contains(before);
    assertThatItIsUsed(Map.of());
  }

  /**
   * Writes the list of classes: what commands and engines load, with each Java that is given, for
   * example {@code -Drowbell.class-list=/usr/lib/jvm/java-17:/usr/lib/jvm/java-25}.
   */
  @Test
  @Order(6)
  @EnabledIfSystemProperty(named = "rowbell.class-list", matches = ".+")
  void writesTheList() throws Exception {
    Path lists = Files.createDirectories(scratch.resolve("lists"));
    try (PostgresServer server = PostgresServer.start();
        KafkaBroker broker = KafkaBroker.start()) {
      for (String java : System.getProperty("rowbell.class-list").split(":", -1)) {
        for (String journal :
            List.of(
                "sqlite: {file: journal.db}",
                "kafka: {bootstrap: \"" + broker.bootstrapServers() + "\"}")) {
          Path file = shop(server, journal);
          Map<String, String> listing =
              Map.of(
                  "JAVA_HOME",
                  java,
                  "ROWBELL_CLASS_ARCHIVE",
                  "off",
                  "ROWBELL_JAVA_OPTS",
                  "-XX:DumpLoadedClassList=" + lists + "/%p");
          output(start(listing, "check", "--apply", "--config", file.toString()));
          run(server, file, listing);
          output(start(listing, "events", "--config", file.toString()));
        }
      }
    }
    Set<String> classes =
        new TreeSet<>(
            Comparator.comparing(ClassArchiveIT::isLambda)
                .thenComparing(Comparator.naturalOrder()));
    try (Stream<Path> files = Files.list(lists)) {
      for (Path list : files.toList()) {
        Files.readAllLines(list).stream()
            .filter(line -> !line.matches("#.*|@cp.*|.* source:.*|.*(\\$Proxy|/Generated)\\d.*"))
            .map(line -> line.replaceFirst(" id: \\d+$", ""))
            .forEach(classes::add);
      }
    }
    Files.write(LIST, classes);
  }

  private static boolean isLambda(String line) {
    return line.startsWith("@");
  }

  /** A pipeline with the shop's rules, each in a database of its own. */
  private Path shop(PostgresServer server, String journal) throws Exception {
    pipelines++;
    String name = "shop" + pipelines;
    Path directory = Files.createDirectories(scratch.resolve(name));
    server.createDatabase(name);
    server.execute(name, Files.readString(SHOP.resolve("schema.sql")));
    Files.copy(SHOP.resolve("rules.yaml"), directory.resolve("rules.yaml"));
    port = Ports.free();
    return Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        name: %1$s
        source:
          postgres: {host: %2$s, port: %3$d, database: %1$s, user: %4$s, password: "%5$s"}
        rules: [rules.yaml]
        journal: {%6$s}
        subscribers:
          - {name: nobody, webhook: {url: "http://127.0.0.1:%7$d", allow-networks: [127.0.0.1/32]}}
        http: {listen: "127.0.0.1:%8$d"}
        """
            .formatted(
                name,
                server.host(),
                server.port(),
                server.user(),
                server.password(),
                journal,
                Ports.free(),
                port));
  }

  /** Lets an engine make its first events, tell its metrics, and stop. */
  private void run(PostgresServer server, Path file, Map<String, String> environment)
      throws Exception {
    Process engine = start(environment, "run", "--config", file.toString());
    try {
      server.execute(
          "shop" + pipelines,
          "INSERT INTO stocks VALUES (1, 'ACME', 100); UPDATE stocks SET price = 150;"
              + " INSERT INTO users VALUES (1, 'ann@example.com', 'pro', 'secret');"
              + " INSERT INTO orders VALUES (10, 4, 'PAID', 1);"
              + " INSERT INTO metrics (host, cpu) VALUES ('a', 99)");
      await()
          .atMost(BOUND)
          .until(
              () -> answer("/ready").contains("moving") && MADE.matcher(answer("/metrics")).find());
    } finally {
      // By its handle: the process itself would close what it printed.
      boolean unused = engine.toHandle().destroy();
      output(engine);
    }
  }

  /** What an engine says over HTTP; nothing before it listens. */
  private String answer(String path) throws InterruptedException {
    try {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return "";
    }
  }
}
