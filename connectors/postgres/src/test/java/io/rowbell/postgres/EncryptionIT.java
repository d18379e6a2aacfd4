package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rowbell.postgres.PostgresSettings.Tls;
import io.rowbell.postgres.PostgresSettings.Tls.Mode;
import io.rowbell.spi.ByteSize;
import io.rowbell.spi.Secret;
import io.rowbell.spi.SourceException;
import io.rowbell.testkit.PostgresServer;
import io.rowbell.testkit.TestCertificate;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that encrypts: who is believed, and who we are to it. */
class EncryptionIT {
  private static final String PASSPHRASE = "canary-passphrase";

  @TempDir private static Path directory;
  private static TestCertificate ours;
  private static TestCertificate another;
  private static PostgresServer server;

  @BeforeAll
  static void start() throws Exception {
    TestCertificate shown = TestCertificate.of(directory.resolve("server"), "ip:127.0.0.1");
    ours = TestCertificate.of(directory.resolve("client"), "dns:rowbell", PASSPHRASE);
    another = TestCertificate.of(directory.resolve("another"), "ip:127.0.0.1");
    server = PostgresServer.embedded().encrypted(shown, ours).start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** Relative, as a user writes it beside the configuration. */
  private static final Path RIGHT = Path.of("server", "certificate.pem");

  private static Tls trusting(Mode mode, @Nullable Path authority) {
    return new Tls(mode, authority, null, null, null);
  }

  private static SqlConnections connections(String host, Tls tls) {
    return new SqlConnections(
        new PostgresSettings(
            host,
            server.port(),
            "postgres",
            server.user(),
            new Secret(server.password()),
            tls,
            null,
            null,
            null,
            new ByteSize(4 << 20),
            8192,
            Duration.ofSeconds(10),
            Duration.ofSeconds(20),
            Duration.ofMinutes(10),
            Duration.ofSeconds(2),
            2000),
        "p",
        directory);
  }

  /** Whether it is encrypted, and the name in the certificate that we showed. */
  private static List<@Nullable String> seenByTheServer(Connection connection) throws Exception {
    try (connection;
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
      assertThat(row.next()).isTrue();
      return java.util.Arrays.asList(row.getString(1), row.getString(2));
    }
  }

  private static String refusal(String host, Tls tls) {
    SourceException refusal =
        catchThrowableOfType(SourceException.class, () -> connections(host, tls).open().close());
    assertThat(refusal).as("what refuses %s", host).isNotNull();
    assertThat(refusal.kind()).isEqualTo(SourceException.Kind.UNREACHABLE);
    assertThat(refusal.getMessage())
        .contains("source.postgres.tls", "certificate")
        .doesNotContain("\n", server.password(), PASSPHRASE);
    return String.valueOf(refusal.getMessage());
  }

  @Test
  void theRightAuthorityAndNameAreBelievedOnBothKindsOfConnections() throws Exception {
    SqlConnections connections = connections("127.0.0.1", trusting(Mode.VERIFY_FULL, RIGHT));

    assertThat(seenByTheServer(connections.open())).containsExactly("t", null);
    assertThat(seenByTheServer(connections.connectForReplication())).containsExactly("t", null);
  }

  @Test
  void aCertificateOfOursIsShownByItsEncryptedKey() throws Exception {
    Tls tls =
        new Tls(
            Mode.VERIFY_FULL,
            RIGHT,
            null,
            directory.relativize(ours.store()),
            new Secret(PASSPHRASE));
    assertThat(seenByTheServer(connections("127.0.0.1", tls).open()))
        .containsExactly("t", "/CN=test");

    Tls wrong = new Tls(Mode.VERIFY_FULL, RIGHT, null, ours.store(), new Secret("canary-wrong"));
    assertThat(refusal("127.0.0.1", wrong)).doesNotContain("canary-wrong");
  }

  @Test
  void anotherAuthorityIsNotBelieved() {
    assertThat(refusal("127.0.0.1", trusting(Mode.VERIFY_FULL, another.certificate())))
        .contains("root certificate");
    assertThat(refusal("127.0.0.1", trusting(Mode.VERIFY_CA, another.certificate()))).isNotEmpty();
  }

  @Test
  void withoutAnAuthorityJavasOwnAreAsked() {
    assertThat(refusal("127.0.0.1", trusting(Mode.VERIFY_FULL, null))).isNotEmpty();
  }

  @Test
  void anotherNameIsNotBelieved() throws Exception {
    assertThat(refusal("localhost", trusting(Mode.VERIFY_FULL, RIGHT)))
        .contains("localhost", "host name");

    Tls anyName = trusting(Mode.VERIFY_CA, RIGHT);
    assertThat(seenByTheServer(connections("localhost", anyName).open()))
        .containsExactly("t", null);
  }
}
