package io.rowbell.kafka;

import io.rowbell.spi.Secret;
import io.rowbell.spi.Setting;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the brokers are reached and who we are to them. Certificates and keys are PEM files; host
 * names are verified.
 *
 * @param protocol whether the connection is encrypted, and whether we log in
 * @param caFile whom to trust
 * @param certificateFile our certificate
 * @param keyFile its key
 * @param keyPassword the key's password
 * @param mechanism how we log in
 * @param username as whom
 * @param password with what
 */
public record KafkaSecurity(
    @Setting("Whether the connection is encrypted (ssl) and whether it logs in (sasl)")
        Protocol protocol,
    @Setting("PEM file of the certificate authorities to trust; the JVM's own if left out")
        @Nullable Path caFile,
    @Setting("PEM file of our certificate chain, where brokers ask for one")
        @Nullable Path certificateFile,
    @Setting("PEM file (PKCS#8) of our certificate's private key") @Nullable Path keyFile,
    @Setting("Password of the private key, if it is encrypted") @Nullable Secret keyPassword,
    @Setting("How to log in, where the protocol is a sasl one") @Nullable Mechanism mechanism,
    @Setting("Whom to log in as") @Nullable String username,
    @Setting("The password to log in with") @Nullable Secret password) {

  /** Kafka's {@code security.protocol}. */
  public enum Protocol {
    PLAINTEXT,
    SSL,
    SASL_PLAINTEXT,
    SASL_SSL;

    boolean encrypted() {
      return this == SSL || this == SASL_SSL;
    }

    boolean logsIn() {
      return this == SASL_PLAINTEXT || this == SASL_SSL;
    }
  }

  /** Kafka's {@code sasl.mechanism}, those that need a name and a password only. */
  public enum Mechanism {
    PLAIN("PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule"),
    SCRAM_SHA_256("SCRAM-SHA-256", "org.apache.kafka.common.security.scram.ScramLoginModule"),
    SCRAM_SHA_512("SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule");

    private final String kafkaName;
    private final String loginModule;

    Mechanism(String kafkaName, String loginModule) {
      this.kafkaName = kafkaName;
      this.loginModule = loginModule;
    }

    String kafkaName() {
      return kafkaName;
    }

    String loginModule() {
      return loginModule;
    }
  }
}
