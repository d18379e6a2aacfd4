package io.rowbell.kafka;

import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.jspecify.annotations.Nullable;

/**
 * Turns settings into the properties of Kafka's clients, or refuses them.
 *
 * <p>Nothing that a user writes here makes a client load a class: no interceptors, serializers,
 * reporters, callback handlers or login modules. The JAAS line is written by us, from a name and a
 * password.
 */
final class ClientProperties {
  /** What a user may set: sizes, waits and ciphers. All else is ours, or a way to load code. */
  private static final TreeSet<String> ALLOWED =
      new TreeSet<>(
          List.of(
              CommonClientConfigs.CLIENT_DNS_LOOKUP_CONFIG,
              CommonClientConfigs.CLIENT_RACK_CONFIG,
              CommonClientConfigs.CONNECTIONS_MAX_IDLE_MS_CONFIG,
              CommonClientConfigs.METADATA_MAX_AGE_CONFIG,
              CommonClientConfigs.RECEIVE_BUFFER_CONFIG,
              CommonClientConfigs.SEND_BUFFER_CONFIG,
              CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG,
              CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG,
              CommonClientConfigs.RETRY_BACKOFF_MS_CONFIG,
              CommonClientConfigs.RETRY_BACKOFF_MAX_MS_CONFIG,
              CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG,
              CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG,
              ProducerConfig.BATCH_SIZE_CONFIG,
              ProducerConfig.BUFFER_MEMORY_CONFIG,
              ProducerConfig.LINGER_MS_CONFIG,
              ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
              ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
              ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
              ConsumerConfig.FETCH_MIN_BYTES_CONFIG,
              ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
              SslConfigs.SSL_CIPHER_SUITES_CONFIG,
              SslConfigs.SSL_ENABLED_PROTOCOLS_CONFIG,
              SslConfigs.SSL_PROTOCOL_CONFIG));

  private static final Pattern SERVERS =
      Pattern.compile("\\s*[^\\s,:/]+:\\d{1,5}\\s*(,\\s*[^\\s,:/]+:\\d{1,5}\\s*)*+");
  private static final Pattern IPV6_SERVERS =
      Pattern.compile("[\\s,\\[\\]0-9a-zA-Z:.%_-]*\\]:\\d+.*");

  private final Map<String, Object> common = new HashMap<>();
  private final Cluster cluster;

  /**
   * @throws InvalidSettingException if a setting cannot be used; names the key
   */
  ClientProperties(Cluster cluster) {
    this.cluster = cluster;
    String bootstrap = cluster.bootstrap();
    if (!SERVERS.matcher(bootstrap).matches() && !IPV6_SERVERS.matcher(bootstrap).matches()) {
      throw new InvalidSettingException(
          "bootstrap", "'" + bootstrap + "' is no list of host:port, for example localhost:9092");
    }
    if (cluster.timeout().compareTo(Duration.ofSeconds(1)) < 0) {
      throw new InvalidSettingException("timeout", "a timeout is one second or more");
    }
    common.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    // The cluster's operators would otherwise be sent our clients' metrics.
    common.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
    common.put(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
    addSecurity(cluster.security());
    addTuning(cluster.tuning());
  }

  /**
   * The properties for one kind of client.
   *
   * @param known the properties this kind of client knows
   * @param own what this client needs; a user's tuning goes before it only where it names tuning
   */
  Map<String, Object> with(Iterable<String> known, Map<String, Object> own) {
    Map<String, Object> all = new HashMap<>(own);
    for (String property : known) {
      Object value = common.get(property);
      if (value != null) {
        all.put(property, value);
      }
    }
    return all;
  }

  /** How long one step may take. */
  Duration timeout() {
    return cluster.timeout();
  }

  /** Where the brokers are, for messages. */
  String bootstrap() {
    return cluster.bootstrap();
  }

  /** A number that the user may have tuned. */
  int number(String property, int otherwise) {
    return common.get(property) instanceof String text ? Integer.parseInt(text) : otherwise;
  }

  private void addTuning(Map<String, String> tuning) {
    tuning.forEach(
        (property, value) -> {
          if (!ALLOWED.contains(property)) {
            throw new InvalidSettingException(
                "client." + property, refusal(property) + "; it may hold " + ALLOWED);
          }
          boolean number =
              property.endsWith(".ms") || property.endsWith(".bytes") || property.endsWith(".size");
          if (number && !value.matches("\\d{1,9}")) {
            throw new InvalidSettingException(
                "client." + property, "'" + value + "' is no whole number");
          }
          common.put(property, value);
        });
  }

  private static String refusal(String property) {
    if (property.startsWith("sasl.")
        || property.startsWith("ssl.")
        || property.startsWith("security.")) {
      return "'" + property + "' cannot be set here: see the section 'security'";
    }
    if (property.contains("class") || property.contains("serializer")) {
      return "'" + property + "' would load code: that is refused";
    }
    return "'" + property + "' is not for users to set";
  }

  private void addSecurity(@Nullable KafkaSecurity security) {
    if (security == null) {
      return;
    }
    common.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, security.protocol().name());
    boolean hasTls =
        security.caFile() != null
            || security.certificateFile() != null
            || security.keyFile() != null
            || security.keyPassword() != null;
    if (!security.protocol().encrypted() && hasTls) {
      throw new InvalidSettingException(
          "security.protocol",
          "certificates are given, but the protocol does not encrypt: say ssl or sasl-ssl");
    }
    addTls(security);
    addLogin(security);
  }

  private void addTls(KafkaSecurity security) {
    if (security.caFile() != null) {
      common.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, "PEM");
      common.put(
          SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG,
          read("security.ca-file", security.caFile()));
    }
    if ((security.certificateFile() == null) != (security.keyFile() == null)) {
      throw new InvalidSettingException(
          "security.key-file", "certificate-file and key-file belong together");
    }
    if (security.certificateFile() != null && security.keyFile() != null) {
      common.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, "PEM");
      common.put(
          SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG,
          read("security.certificate-file", security.certificateFile()));
      common.put(SslConfigs.SSL_KEYSTORE_KEY_CONFIG, read("security.key-file", security.keyFile()));
    }
    if (security.keyPassword() != null) {
      common.put(SslConfigs.SSL_KEY_PASSWORD_CONFIG, security.keyPassword().reveal());
    }
  }

  private void addLogin(KafkaSecurity security) {
    KafkaSecurity.Mechanism mechanism = security.mechanism();
    String username = security.username();
    Secret password = security.password();
    if (!security.protocol().logsIn()) {
      if (mechanism != null || username != null || password != null) {
        throw new InvalidSettingException(
            "security.protocol",
            "a login is given, but the protocol has none: say sasl-ssl or sasl-plaintext");
      }
      return;
    }
    List<String> missing = new ArrayList<>();
    if (mechanism == null) {
      missing.add("mechanism");
    }
    if (username == null) {
      missing.add("username");
    }
    if (password == null) {
      missing.add("password");
    }
    if (mechanism == null || username == null || password == null) {
      throw new InvalidSettingException(
          "security.protocol", "a sasl protocol needs " + String.join(", ", missing));
    }
    common.put(SaslConfigs.SASL_MECHANISM, mechanism.kafkaName());
    common.put(
        SaslConfigs.SASL_JAAS_CONFIG,
        mechanism.loginModule()
            + " required username="
            + quoted(username)
            + " password="
            + quoted(password.reveal())
            + ";");
  }

  /** As JAAS reads it: whatever is between the quotes cannot end the value or name a module. */
  private static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private String read(String key, Path file) {
    Path path = cluster.directory().resolve(file);
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new InvalidSettingException(key, "'" + path + "' cannot be read: " + e);
    }
  }
}
