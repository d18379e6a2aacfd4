package io.rowbell.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rowbell.kafka.KafkaSecurity.Mechanism;
import io.rowbell.kafka.KafkaSecurity.Protocol;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientPropertiesTest {
  private static ClientProperties properties(
      String bootstrap, @Nullable KafkaSecurity security, Map<String, String> tuning) {
    return new ClientProperties(
        new Cluster(bootstrap, security, Duration.ofSeconds(30), tuning, Path.of("")));
  }

  private static InvalidSettingException refused(
      @Nullable KafkaSecurity security, Map<String, String> tuning) {
    return catchThrowableOfType(
        InvalidSettingException.class, () -> properties("localhost:9092", security, tuning));
  }

  private static KafkaSecurity login(
      Protocol protocol,
      @Nullable Mechanism mechanism,
      @Nullable String username,
      @Nullable String password) {
    return new KafkaSecurity(
        protocol,
        null,
        null,
        null,
        null,
        mechanism,
        username,
        password == null ? null : new Secret(password));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "interceptor.classes",
        "auto.include.jmx.reporter",
        "sasl.login.callback.handler.class",
        "sasl.oauthbearer.token.endpoint.url",
        "sasl.oauthbearer.jwks.endpoint.url",
        "sasl.server.callback.handler.class",
        "sasl.kerberos.kinit.cmd",
        "ssl.keystore.location",
        "ssl.endpoint.identification.algorithm",
        "ssl.trustmanager.algorithm",
        "ssl.provider",
        "value.deserializer",
        "key.serializer",
        "metric.reporters",
        "partitioner.class",
        "sasl.jaas.config",
        "sasl.client.callback.handler.class",
        "sasl.login.class",
        "ssl.engine.factory.class",
        "ssl.truststore.location",
        "security.providers",
        "security.protocol",
        "transactional.id",
        "acks",
        "enable.idempotence",
        "isolation.level",
        "bootstrap.servers",
        "group.id",
        "config.providers",
        "no.such.thing"
      })
  void whatLoadsCodeOrIsOursIsRefused(String property) {
    InvalidSettingException refused = refused(null, Map.of(property, "x"));
    assertThat(refused.key()).isEqualTo("client." + property);
    assertThat(refused).hasMessageContaining("linger.ms");
  }

  @Test
  void tuningReachesTheClientsThatKnowIt() {
    ClientProperties properties =
        properties("localhost:9092", null, Map.of("linger.ms", "7", "fetch.max.bytes", "1000"));
    assertThat(properties.with(ProducerConfig.configNames(), Map.of("linger.ms", 5)))
        .containsEntry("linger.ms", "7")
        .doesNotContainKey("fetch.max.bytes")
        .containsEntry("bootstrap.servers", "localhost:9092");
    assertThat(properties.with(ConsumerConfig.configNames(), Map.of()))
        .containsEntry("fetch.max.bytes", "1000")
        .doesNotContainKey("linger.ms");
    assertThat(refused(null, Map.of("linger.ms", "7s")).key()).isEqualTo("client.linger.ms");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "localhost", "localhost:", "http://localhost:9092", "a:1,", "a:1 b:2"})
  void brokersAreHostsWithPorts(String bootstrap) {
    InvalidSettingException refused =
        catchThrowableOfType(
            InvalidSettingException.class, () -> properties(bootstrap, null, Map.of()));
    assertThat(refused.key()).isEqualTo("bootstrap");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:9092", "a:1,b.c:2", "10.0.0.1:9092, h:1", "[::1]:9092"})
  void severalBrokersMayBeGiven(String bootstrap) {
    assertThat(properties(bootstrap, null, Map.of()).bootstrap()).isEqualTo(bootstrap);
  }

  @ParameterizedTest
  @ValueSource(strings = {"JndiLoginModule", "LdapLoginModule"})
  void aPasswordCannotNameALoginModule(String name) {
    String evil = "x\" ; com.sun.security.auth.module." + name + " required a=\"\\";
    Object jaas =
        properties(
                "localhost:9092",
                login(Protocol.SASL_SSL, Mechanism.SCRAM_SHA_512, "me", evil),
                Map.of())
            .with(ProducerConfig.configNames(), Map.of())
            .get("sasl.jaas.config");
    List<AppConfigurationEntry> modules =
        JaasContext.loadClientContext(
                Map.of("sasl.jaas.config", new Password(String.valueOf(jaas))))
            .configurationEntries();
    assertThat(modules)
        .singleElement()
        .satisfies(
            module -> {
              assertThat(module.getLoginModuleName())
                  .isEqualTo("org.apache.kafka.common.security.scram.ScramLoginModule");
              assertThat(module.getOptions().get("password")).isEqualTo(evil);
            });
  }

  @Test
  void aLoginIsWholeAndFitsTheProtocol() {
    assertThat(refused(login(Protocol.SASL_SSL, null, "me", null), Map.of()))
        .hasMessageContaining("mechanism, password");
    assertThat(refused(login(Protocol.SSL, Mechanism.PLAIN, "me", "x"), Map.of()))
        .hasMessageContaining("sasl-ssl");
    KafkaSecurity plainTextWithCa =
        new KafkaSecurity(
            Protocol.PLAINTEXT, Path.of("ca.pem"), null, null, null, null, null, null);
    assertThat(refused(plainTextWithCa, Map.of()).key()).isEqualTo("security.protocol");
    KafkaSecurity missingFile =
        new KafkaSecurity(
            Protocol.SSL, Path.of("no-such-ca.pem"), null, null, null, null, null, null);
    assertThat(refused(missingFile, Map.of()).key()).isEqualTo("security.ca-file");
    KafkaSecurity halfACertificate =
        new KafkaSecurity(Protocol.SSL, null, Path.of("c.pem"), null, null, null, null, null);
    assertThat(refused(halfACertificate, Map.of()).key()).isEqualTo("security.key-file");
  }
}
