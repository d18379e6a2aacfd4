package io.rowbell.engine.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.rowbell.engine.cli.Main;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.Ports;
import io.rowbell.testkit.PostgresServer;
import io.rowbell.testkit.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An engine that has every secret there is, all connections encrypted, and every logger of every
 * library at its most talkative; things go wrong, and everything that comes out is searched.
 */
@Timeout(300)
class CanaryIT {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final int DAWDLERS = 8;

  private static final String DATABASE_PASSWORD = "canary-database-7Q";
  private static final String KAFKA_PASSWORD = "canary-kafka-8R";
  private static final String PASSPHRASE = "canary-passphrase-9S";
  private static final String STATUS_TOKEN = "canary-status-token-1T";
  private static final String HOOK_TOKEN = "canary-hook-token-2U";
  private static final String HOOK_KEY = "canary-hook-key-of-24-bytes-3V";
  private static final String HOOK_PATH = "canary-hook-path-4W";
  private static final String HASH_KEY = "canary-hash-key-5X-of-16";
  private static final String WRONG_PASSWORD = "canary-wrong-6Y";
  private static final String PRIVATE = "canary-private-7Z@example.org";
  private static final String ORDINARY = "canary-ordinary-8A";

  private static final Canaries SECRETS =
      new Canaries()
          .add("the database's password", DATABASE_PASSWORD)
          .add("Kafka's password", KAFKA_PASSWORD)
          .add("the keys' passphrase", PASSPHRASE)
          .add("the status token", STATUS_TOKEN)
          .add("the webhook's token", HOOK_TOKEN)
          .add("the webhook's key", HOOK_KEY)
          .add("the webhook's path", HOOK_PATH)
          .add("the hash key", HASH_KEY)
          .add("a wrong password", WRONG_PASSWORD)
          .add("a private value", PRIVATE);
  private static final Canaries ROWS = new Canaries().add("an ordinary value", ORDINARY);

  @TempDir private static Path directory;
  private static TestCertificate ours;
  private static PostgresServer postgres;
  private static KafkaBroker kafka;
  private static HttpServer hook;
  private static final AtomicInteger HOOKED = new AtomicInteger();

  private final RawHttp http = new RawHttp(Ports.free());

  @BeforeAll
  static void start() throws Exception {
    TestCertificate servers = TestCertificate.of(directory.resolve("servers"), "ip:127.0.0.1");
    ours = TestCertificate.of(directory.resolve("client"), "dns:rowbell", PASSPHRASE);
    postgres = PostgresServer.embedded().encrypted(servers, ours).start();
    kafka = KafkaBroker.encrypted(servers, ours, Map.of("rowbell", KAFKA_PASSWORD)).start();
    hook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    hook.createContext(
        "/",
        exchange -> {
          // One event is rejected for good, the others as often as it is tried.
          exchange.sendResponseHeaders(HOOKED.getAndIncrement() == 0 ? 422 : 500, -1);
          exchange.close();
        });
    hook.start();
    postgres.createDatabase("canary");
    postgres.execute(
        "canary",
        """
        CREATE ROLE bell LOGIN REPLICATION PASSWORD '%s';
        CREATE TABLE people (id bigint PRIMARY KEY, town text, email text);
        INSERT INTO people VALUES (0, '%s', '%s');
        GRANT SELECT ON people TO bell;
        CREATE PUBLICATION canary FOR TABLE people;
        """
            .formatted(DATABASE_PASSWORD, ORDINARY, PRIVATE));
    postgres.execute(
        "canary",
        "SELECT pg_create_logical_replication_slot('canary', 'pgoutput', false, false, true)");
  }

  @AfterAll
  static void stop() {
    hook.stop(0);
    kafka.close();
    postgres.close();
  }

  private void configure() throws IOException {
    secret("database", DATABASE_PASSWORD);
    secret("kafka", KAFKA_PASSWORD);
    secret("passphrase", PASSPHRASE);
    secret("status", STATUS_TOKEN);
    secret("hook-token", HOOK_TOKEN);
    secret(
        "hook-key",
        "whsec_" + Base64.getEncoder().encodeToString(HOOK_KEY.getBytes(StandardCharsets.UTF_8)));
    secret("hook-url", "http://127.0.0.1:%d/%s".formatted(hook.getAddress().getPort(), HOOK_PATH));
    secret("hash", HASH_KEY);
    rules("");
    for (String name : new String[] {"rowbell", "wrong-database", "wrong-kafka"}) {
      Files.writeString(
          directory.resolve(name + ".yaml"),
          """
          name: canary
          source:
            postgres:
              host: 127.0.0.1
              port: %d
              database: canary
              user: bell
              password: "%s"
              tls: {root-certificate: servers/certificate.pem, key: client/store.p12, key-password: "${file:secrets/passphrase}"}
              marker-interval: 500ms
          rules: [rules.yaml]
          journal:
            kafka:
              bootstrap: "%s"
              security:
                protocol: sasl-ssl
                ca-file: servers/certificate.pem
                certificate-file: client/certificate.pem
                key-file: client/encrypted-key.pem
                key-password: "${file:secrets/passphrase}"
                mechanism: plain
                username: rowbell
                password: "%s"
          subscribers:
            - name: hook
              start: earliest
              webhook:
                url: "${file:secrets/hook-url}"
                token: "${file:secrets/hook-token}"
                secret: "${file:secrets/hook-key}"
                allow-networks: ["127.0.0.0/8"]
              retry: {attempts: 2, delay: 20ms}
          http: {listen: "127.0.0.1:%d", token: "${file:secrets/status}"}
          hash-key: "${file:secrets/hash}"
          """
              .formatted(
                  postgres.port(),
                  name.equals("wrong-database") ? WRONG_PASSWORD : "${file:secrets/database}",
                  kafka.bootstrapServers(),
                  name.equals("wrong-kafka") ? WRONG_PASSWORD : "${file:secrets/kafka}",
                  http.port()));
    }
    Files.writeString(
        directory.resolve("logback.xml"),
        """
        <configuration>
          <appender name="file" class="ch.qos.logback.core.FileAppender">
            <file>${LOG_FILE}</file>
            <encoder><pattern>%level [%thread] %logger %msg%n%xEx{full}</pattern></encoder>
          </appender>
          <root level="TRACE"><appender-ref ref="file"/></root>
        </configuration>
        """);
    Files.writeString(
        directory.resolve("logging.properties"),
        """
        handlers = java.util.logging.ConsoleHandler
        .level = ALL
        java.util.logging.ConsoleHandler.level = ALL
        """);
  }

  private static void secret(String name, String value) throws IOException {
    Files.createDirectories(directory.resolve("secrets"));
    Files.writeString(directory.resolve("secrets").resolve(name), value + "\n");
  }

  private static void rules(String more) throws IOException {
    Files.writeString(
        directory.resolve("rules.yaml"),
        """
        rules: v1
        private: [people.email]
        triggers:
          - event: Registered
            on: insert or snapshot people
            when: email.endsWith('example.org')
            key: id
            data: {id, town, who: "mask(email, 2)", also: hash(email)}
          - event: Failing
            on: insert people
            when: int(email) > 0
            data: {id}
          - rule: Registered.next
            event: Registered
            mode: shadow
            on: insert people
            data: {id, town, who: mask(email)}
        """
            + more);
  }

  /** Talkative in all ways, into a file of its own. */
  private static JavaProcess talkative(String log, String... args) {
    return process(args)
        .jvm(
            "-Dlogback.configurationFile=" + directory.resolve("logback.xml"),
            "-Djava.util.logging.config.file=" + directory.resolve("logging.properties"))
        .environment("LOG_FILE", directory.resolve(log).toString())
        .start();
  }

  private static JavaProcess.Builder process(String... args) {
    return JavaProcess.of(Main.class).jvm("-Xmx192m").directory(directory).args(args);
  }

  /** Waits for its end, and searches what it printed. */
  private static String ended(int code, JavaProcess process) throws InterruptedException {
    try (process) {
      int ended = process.awaitExit(SOON);
      String output = String.join("\n", process.output());
      assertThat(ended).as(output).isEqualTo(code);
      SECRETS.requireAbsent("what it printed", output);
      return output;
    }
  }

  private String get(String path, String more) throws IOException {
    return http.answer("GET " + path + " HTTP/1.1\nHost: localhost\n" + more);
  }

  private static final String TOKEN = "Authorization: Bearer " + STATUS_TOKEN;

  @Test
  void nothingSecretComesOut() throws Exception {
    configure();
    try (JavaProcess run = talkative("run.log", "run")) {
      await().atMost(SOON).until(() -> ready() || !run.running());
      assertThat(run.running()).as(String.join("\n", run.output())).isTrue();
      List<Socket> dawdlers = new ArrayList<>();
      for (int i = 0; i < DAWDLERS; i++) {
        dawdlers.add(http.dawdling());
      }
      postgres.execute(
          "canary",
          """
          INSERT INTO people SELECT n, '%s', '%s' FROM generate_series(1, 5) n
          """
              .formatted(ORDINARY, PRIVATE));
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(get("/metrics", TOKEN))
                      .containsPattern("(?m)^rowbell_pipeline_dead_letters_total [1-9]")
                      .containsPattern("(?m)^rowbell_subscriber_given_up_total\\S* [2-9]"));
      requireUndisclosed(run);
      requireNoDawdlers(dawdlers);
      requireRefusals();
      requireSilentCommands();
      run.terminate();
      assertThat(ended(0, run)).isNotNull();
    }
    SECRETS.requireAbsent(directory.resolve("run.log"));
    assertThat(Files.size(directory.resolve("run.log"))).isGreaterThan(1_000_000);
  }

  private boolean ready() {
    try {
      return get("/ready", TOKEN).startsWith("HTTP/1.1 200");
    } catch (IOException e) {
      return false;
    }
  }

  /** Everything that can be seen of it from outside. */
  private void requireUndisclosed(JavaProcess run) throws Exception {
    for (String path :
        List.of("/live", "/ready", "/status", "/metrics", "/shadow", "/subscribers", "/x")) {
      SECRETS.requireAbsent(path, get(path, TOKEN));
      SECRETS.requireAbsent(path, get(path, ""));
      String forbidden = get(path, "Authorization: Bearer " + STATUS_TOKEN.substring(1));
      assertThat(forbidden)
          .startsWith("HTTP/1.1 " + (path.equals("/live") ? 200 : path.equals("/x") ? 404 : 401));
    }
    for (String path : List.of("/live", "/ready", "/status", "/metrics", "/subscribers")) {
      ROWS.requireAbsent(path, get(path, TOKEN));
    }
    String post = "POST /act HTTP/1.1\nHost: localhost\nRowbell-Pipeline: canary\n";
    assertThat(http.status(post + "Content-Length: 0")).isEqualTo(401);
    assertThat(http.answer(post + TOKEN + "\nContent-Length: 0")).contains("400", "no act");

    String managed = ManagementView.of(run.pid());
    assertThat(managed).contains("rowbell-http", "io.rowbell.engine.cli.Main");
    SECRETS.requireAbsent("the JVM's beans, threads and properties", managed);
    ROWS.requireAbsent("the JVM's beans, threads and properties", managed);
    for (String file : List.of("cmdline", "environ")) {
      Path told = Path.of("/proc", Long.toString(run.pid()), file);
      if (Files.isReadable(told)) {
        SECRETS.requireAbsent(told);
      }
    }
  }

  /** While they hold their requests open, others are answered; and they are hung up on. */
  private void requireNoDawdlers(List<Socket> dawdlers) throws IOException {
    assertThat(get("/live", "")).startsWith("HTTP/1.1 200");
    for (Socket dawdler : dawdlers) {
      try (dawdler) {
        assertThat(dawdler.getInputStream().read()).isEqualTo(-1);
      } catch (SocketException e) {
        assertThat(e).hasMessageContaining("reset");
      }
    }
  }

  /** What it says when it is not let in, and when new rules would let a private value out. */
  private static void requireRefusals() throws Exception {
    JavaProcess database = talkative("database.log", "check", "-c", "wrong-database.yaml");
    JavaProcess broker = talkative("broker.log", "events", "-c", "wrong-kafka.yaml");
    assertThat(ended(4, database)).contains("refused the password of role 'bell'");
    assertThat(ended(5, broker)).contains("does not let us in");
    SECRETS.requireAbsent(directory.resolve("database.log"));
    SECRETS.requireAbsent(directory.resolve("broker.log"));
  }

  /** Commands at their usual level, whose output people paste into tickets. */
  private static void requireSilentCommands() throws Exception {
    rules("  - {event: Leak, on: insert people, data: {id, email}}\n");
    try (JavaProcess reload = process("reload").start();
        JavaProcess check = process("check", "-vv").start()) {
      assertThat(ended(1, reload)).contains("E301");
      String checked = ended(1, check);
      assertThat(checked).contains("source.postgres.password", "****", "E301");
      ROWS.requireAbsent("check", checked);
    }
    try (JavaProcess letters = process("dead-letters", "list", "-o", "json").start();
        JavaProcess events = process("events").start()) {
      assertThat(ended(0, letters)).contains("X405", "X501", "X502");
      assertThat(ended(0, events)).contains("Registered", ORDINARY);
    }
  }
}
