package io.rowbell.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka broker of its own, a real one: a single KRaft node in a child JVM, that can be killed and
 * started again on the same port with the same data.
 *
 * <p>It makes no topics by itself; internal topics have one replica and few partitions, and groups
 * form without delay. Its log is {@link #logFile}, and in the message when it does not start. Used
 * from one thread at a time.
 *
 * <pre>{@code
 * try (KafkaBroker broker = KafkaBroker.start()) {
 *   properties.put("bootstrap.servers", broker.bootstrapServers());
 * }
 * }</pre>
 */
public final class KafkaBroker implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final String[] JVM = {
    "-Xmx256m", "-Dlogback.configurationFile=io/rowbell/testkit/broker-logback.xml"
  };

  private final Path home = Directories.temporary("rowbell-kafka-");
  private final Path configuration = home.resolve("server.properties");
  private final int port = Ports.free();
  private final int directPort = Ports.free();
  private final @Nullable TcpProxy proxy;
  private final AtExit atExit = AtExit.run(() -> Directories.delete(home));
  private @Nullable JavaProcess process;

  private KafkaBroker(boolean behindProxy) {
    proxy = behindProxy ? TcpProxy.to("127.0.0.1", port) : null;
  }

  /** Starts one with the usual settings. */
  public static KafkaBroker start() {
    return new Builder().start();
  }

  /** Starts with one more setting of {@code server.properties}. */
  public static Builder with(String setting, String value) {
    return new Builder().with(setting, value);
  }

  /** Starts behind a {@link #proxy}: clients are sent through it, by what the broker advertises. */
  public static Builder behindProxy() {
    Builder builder = new Builder();
    builder.behindProxy = true;
    return builder;
  }

  /** Starts one that encrypts, see {@link Builder#encrypted}. */
  public static Builder encrypted(
      TestCertificate broker, TestCertificate client, Map<String, String> passwords)
      throws IOException {
    return new Builder().encrypted(broker, client, passwords);
  }

  /** A broker that is about to start. */
  public static final class Builder {
    private final Map<String, String> settings = new LinkedHashMap<>();
    private boolean behindProxy;

    private Builder() {}

    /** Adds or replaces a setting of {@code server.properties}. */
    public Builder with(String setting, String value) {
      settings.put(setting, value);
      return this;
    }

    /**
     * Lets clients in only by TLS, with a certificate, a name and a password (SASL PLAIN). A user
     * {@code admin} is made for the broker itself.
     *
     * @param broker what it shows
     * @param client whose certificate it takes, beside its own
     * @param passwords by user
     */
    public Builder encrypted(
        TestCertificate broker, TestCertificate client, Map<String, String> passwords)
        throws IOException {
      Path admitted = broker.store().resolveSibling("admitted.pem");
      Files.writeString(
          admitted,
          Files.readString(broker.certificate()) + Files.readString(client.certificate()));
      settings.put("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:SASL_SSL");
      settings.put("inter.broker.listener.name", "PLAINTEXT");
      settings.put("ssl.keystore.type", "PKCS12");
      settings.put("ssl.keystore.location", broker.store().toString());
      settings.put("ssl.keystore.password", broker.password());
      settings.put("ssl.key.password", broker.password());
      settings.put("ssl.truststore.type", "PEM");
      settings.put("ssl.truststore.location", admitted.toString());
      settings.put("listener.name.plaintext.ssl.client.auth", "required");
      settings.put("sasl.enabled.mechanisms", "PLAIN");
      settings.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
      settings.put(
          "listener.name.plaintext.plain.sasl.jaas.config",
          "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\""
              + " password=\"admin\" user_admin=\"admin\""
              + passwords.entrySet().stream()
                  .map(user -> " user_%s=\"%s\"".formatted(user.getKey(), user.getValue()))
                  .collect(Collectors.joining())
              + ";");
      return this;
    }

    /**
     * Formats the storage, starts the broker and waits until it serves.
     *
     * @throws IllegalStateException if it does not start; the message holds the end of its log
     */
    public KafkaBroker start() {
      KafkaBroker broker = new KafkaBroker(behindProxy);
      try {
        broker.format(settings);
        broker.restart();
        return broker;
      } catch (RuntimeException e) {
        broker.close();
        throw e;
      }
    }
  }

  private void format(Map<String, String> extra) {
    int controllerPort = Ports.free();
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    if (proxy != null) {
      listenBesideTheProxy(settings, controllerPort);
    }
    settings.put("log.dirs", home.resolve("data").toString());
    settings.put("auto.create.topics.enable", "false");
    settings.put("num.partitions", "1");
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "1");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "2");
    settings.put("num.recovery.threads.per.data.dir", "1");
    settings.put("background.threads", "2");
    // The default of 128 MiB is half of the heap.
    settings.put("log.cleaner.dedupe.buffer.size", "4194304");
    settings.putAll(extra);
    try {
      Files.writeString(
          configuration,
          settings.entrySet().stream()
              .map(setting -> setting.getKey() + "=" + setting.getValue().replace("\\", "\\\\"))
              .collect(Collectors.joining("\n")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try (JavaProcess format =
        JavaProcess.of("kafka.tools.StorageTool")
            .jvm(JVM)
            .environment("ROWBELL_BROKER_LOG", logFile().toString())
            .args("format", "-t", clusterId(), "-c", configuration.toString())
            .start()) {
      if (format.awaitExit(START_TIMEOUT) != 0) {
        throw new IllegalStateException(
            "the broker's storage cannot be formatted:\n" + String.join("\n", format.output()));
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void listenBesideTheProxy(Map<String, String> settings, int controllerPort) {
    settings.put(
        "listeners",
        "PLAINTEXT://127.0.0.1:%d,DIRECT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
            .formatted(port, directPort, controllerPort));
    settings.put(
        "advertised.listeners",
        "PLAINTEXT://%s,DIRECT://%s".formatted(bootstrapServers(), directBootstrapServers()));
    settings.put(
        "listener.security.protocol.map",
        "PLAINTEXT:PLAINTEXT,DIRECT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    // It commits transactions through a connection to itself.
    settings.put("inter.broker.listener.name", "DIRECT");
  }

  /** As Kafka writes UUIDs: 16 bytes in Base64; without a hyphen first, which is an option's. */
  private static String clusterId() {
    UUID random = UUID.randomUUID();
    byte[] bytes =
        ByteBuffer.allocate(16)
            .putLong(random.getMostSignificantBits() & Long.MAX_VALUE)
            .putLong(random.getLeastSignificantBits())
            .array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for the broker", e);
  }

  /** For {@code bootstrap.servers}; the same for as long as the object lives. */
  public String bootstrapServers() {
    return "127.0.0.1:" + (proxy == null ? port : proxy.port());
  }

  /** The same without the proxy: for those who look on. */
  public String directBootstrapServers() {
    return "127.0.0.1:" + (proxy == null ? port : directPort);
  }

  /**
   * What clients of {@link #bootstrapServers} go through.
   *
   * @throws IllegalStateException if it was not started {@link #behindProxy}
   */
  public TcpProxy proxy() {
    if (proxy == null) {
      throw new IllegalStateException("start the broker with KafkaBroker.behindProxy()");
    }
    return proxy;
  }

  /** The broker's own log. */
  public Path logFile() {
    return home.resolve("broker.log");
  }

  /** Kills it with SIGKILL and waits until it is gone. */
  public void kill() {
    if (process != null) {
      process.close();
      process = null;
    }
  }

  /** The id of its process, while there is one. */
  public long pid() {
    return running().pid();
  }

  /** Whether it has been started and neither killed nor ended. */
  public boolean isRunning() {
    return process != null && process.running();
  }

  /** Halts it with SIGSTOP: its sockets stay open and nobody answers. Not on Windows. */
  public void suspend() {
    running().suspend();
  }

  /** Lets it go on after {@link #suspend}. */
  public void resume() {
    running().resume();
  }

  private JavaProcess running() {
    if (process == null) {
      throw new IllegalStateException("the broker does not run");
    }
    return process;
  }

  /**
   * Starts it again on the same port with the same data, and waits until it serves; kills it first
   * if it runs.
   *
   * @throws IllegalStateException if it does not start; the message holds the end of its log
   */
  public void restart() {
    kill();
    process =
        JavaProcess.of("kafka.Kafka")
            .jvm(JVM)
            .environment("ROWBELL_BROKER_LOG", logFile().toString())
            .args(configuration.toString())
            .start();
    try {
      process.awaitLine("Kafka Server started", START_TIMEOUT);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Kills it and removes its data. Idempotent. */
  @Override
  public void close() {
    kill();
    if (proxy != null) {
      proxy.close();
    }
    Directories.delete(home);
    atExit.cancel();
  }
}
