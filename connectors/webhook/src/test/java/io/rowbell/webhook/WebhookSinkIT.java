package io.rowbell.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rowbell.model.DomainEvent;
import io.rowbell.spi.CloudEventJson;
import io.rowbell.spi.RejectedEventException;
import io.rowbell.spi.RetryableException;
import io.rowbell.spi.Sink;
import io.rowbell.testkit.Samples;
import io.rowbell.testkit.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class WebhookSinkIT {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
  private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(UTF_8);
  private static final byte[] OLD_KEY = "fedcba9876543210fedcba9876543210".getBytes(UTF_8);
  private static final DomainEvent EVENT = Samples.event("OrderPaid", "7", 1);

  private static TestCertificate authority;

  private Endpoint endpoint = Endpoint.plain();

  @BeforeAll
  static void makeAuthority(@TempDir Path directory) throws Exception {
    authority = TestCertificate.of(directory, "dns:hooks.example");
  }

  @BeforeEach
  void start() {
    endpoint.close();
    endpoint = Endpoint.plain();
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  private static Sink open(Hooks hooks) {
    return open(hooks, InetAddress::getAllByName);
  }

  private static Sink open(Hooks hooks, Destinations.Names names) {
    return new WebhookSinkFactory(names, InstantSource.fixed(NOW))
        .open(hooks.settings(), Hooks.CONTEXT);
  }

  private Hooks here() {
    return Hooks.to("http://127.0.0.1:" + endpoint.port() + "/secret-path?token=hidden");
  }

  private RetryableException retry(Hooks hooks) throws Exception {
    try (Sink sink = open(hooks)) {
      return catchThrowableOfType(RetryableException.class, () -> sink.deliver(List.of(EVENT)));
    }
  }

  @Test
  void theWholeEventIsPostedAndSigned() throws Exception {
    Hooks hooks =
        here()
            .signed("whsec_" + Base64.getEncoder().encodeToString(KEY), null)
            .with("t0ken", Map.of("X-Shop", "7"));
    try (Sink sink = open(hooks)) {
      sink.deliver(List.of(EVENT));
    }

    Endpoint.Received request = endpoint.received().get(0);
    assertThat(request.body()).isEqualTo(CloudEventJson.of(EVENT).toString());
    assertThat(request.header("content-type")).isEqualTo("application/cloudevents+json");
    assertThat(request.header("webhook-id")).isEqualTo(EVENT.id().toString());
    assertThat(request.header("webhook-timestamp")).isEqualTo(Long.toString(NOW.getEpochSecond()));
    assertThat(request.header("authorization")).isEqualTo("Bearer t0ken");
    assertThat(request.header("x-shop")).isEqualTo("7");
    assertThat(request.header("webhook-signature")).isEqualTo(signature(KEY, request.body()));
  }

  /** As a receiver does it. */
  private static String signature(byte[] key, String body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    byte[] signed =
        mac.doFinal((EVENT.id() + "." + NOW.getEpochSecond() + "." + body).getBytes(UTF_8));
    return "v1," + Base64.getEncoder().encodeToString(signed);
  }

  @Test
  void whileSecretsRotateItIsSignedWithBoth() throws Exception {
    Base64.Encoder base64 = Base64.getEncoder();
    Hooks hooks =
        here()
            .signed(
                "whsec_" + base64.encodeToString(KEY), "whsec_" + base64.encodeToString(OLD_KEY));
    try (Sink sink = open(hooks)) {
      sink.deliver(List.of(EVENT));
    }

    Endpoint.Received request = endpoint.received().get(0);
    assertThat(request.header("webhook-signature"))
        .isEqualTo(signature(KEY, request.body()) + " " + signature(OLD_KEY, request.body()));
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404, 408, 409, 410, 425, 429, 500, 502, 503, 504})
  void whatMayHealIsTriedAgain(int status) throws Exception {
    endpoint.answerOnce(status, Map.of());

    RetryableException failure = retry(here());

    assertThat(failure)
        .hasMessageContaining(EVENT.id().toString())
        .hasMessageContaining("http://127.0.0.1:" + endpoint.port())
        .hasMessageContaining("" + status);
    assertThat(failure.getMessage()).doesNotContain("secret-path").doesNotContain("hidden");
    assertThat(failure.after()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 413, 415, 422})
  void whatWillNeverBeTakenIsRejected(int status) {
    endpoint.answerOnce(status, Map.of());
    try (Sink sink = open(here())) {
      assertThatThrownBy(() -> sink.deliver(List.of(EVENT)))
          .isInstanceOf(RejectedEventException.class)
          .hasMessageContaining("" + status);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void aRedirectIsAFailureAndNotFollowed(int status) throws Exception {
    try (Endpoint elsewhere = Endpoint.plain()) {
      endpoint.answerOnce(
          status, Map.of("Location", "http://127.0.0.1:" + elsewhere.port() + "/internal"));

      assertThat(retry(here())).hasMessageContaining("redirect");

      assertThat(elsewhere.received()).isEmpty();
    }
  }

  @Test
  void theDestinationSaysHowLongToWait() throws Exception {
    endpoint.answerOnce(429, Map.of("Retry-After", "90"));
    assertThat(retry(here()).after()).contains(Duration.ofSeconds(90));
    endpoint.answerOnce(503, Map.of("Retry-After", "Sat, 21 Nov 2026 10:02:00 GMT"));
    assertThat(retry(here()).after()).contains(Duration.ofMinutes(2));
    endpoint.answerOnce(503, Map.of("Retry-After", "99999999"));
    assertThat(retry(here()).after()).contains(Duration.ofHours(1));
    endpoint.answerOnce(503, Map.of("Retry-After", "soon"));
    assertThat(retry(here()).after()).isEmpty();
  }

  @Test
  void aDestinationThatSaysNothingIsGivenUpInTimeAndServedAfterwards() throws Exception {
    endpoint.hangOnce();
    try (Sink sink = open(here().within(Duration.ofMillis(300)))) {
      assertThatThrownBy(() -> sink.deliver(List.of(EVENT))).isInstanceOf(RetryableException.class);
    }
    try (Sink sink = open(here())) {
      sink.deliver(List.of(EVENT));
    }
    assertThat(endpoint.received())
        .extracting(request -> request.header("webhook-id"))
        .containsExactly(EVENT.id().toString(), EVENT.id().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quoted\u001b[2K no HTTP\r\n\r\n",
        "HTTP/1.1 quoted OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: quoted\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: quoted\r\n\r\n",
        "HTTP/1.1 200 OK\r\nquoted\r\n\r\n"
      })
  void whatIsNoHttpIsNotQuoted(String answer) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> served =
          CompletableFuture.runAsync(
              () -> {
                try (Socket socket = server.accept()) {
                  socket.getOutputStream().write(answer.getBytes(UTF_8));
                  socket.shutdownOutput();
                  socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                  // The sink hangs up on what is no HTTP.
                  assertThat(e).isInstanceOf(SocketException.class);
                }
              });
      RetryableException failure =
          retry(Hooks.to("http://127.0.0.1:" + server.getLocalPort() + "/"));
      assertThat(failure).hasMessageEndingWith("what it answers is no HTTP/1.1");
      assertThat(failure).hasMessageNotContaining("quoted");
      served.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void anInterruptEndsADelivery() throws Exception {
    endpoint.hangOnce();
    CompletableFuture<Throwable> outcome = new CompletableFuture<>();
    try (Sink sink = open(here())) {
      Thread delivery =
          new Thread(
              () -> {
                try {
                  sink.deliver(List.of(EVENT));
                  outcome.complete(new AssertionError("it was delivered"));
                } catch (Exception e) {
                  outcome.complete(e);
                }
              });
      delivery.start();
      while (endpoint.received().isEmpty()) {
        Thread.onSpinWait();
      }
      delivery.interrupt();

      assertThat(outcome.get(5, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "localhost",
        "169.254.169.254",
        "10.0.0.7",
        "[::1]",
        "[fd00:ec2::254]"
      })
  void aPrivateAddressIsNotConnectedTo(String host) throws Exception {
    RetryableException failure =
        retry(Hooks.to("https://" + host + ":" + endpoint.port() + "/").allowing());

    assertThat(failure).hasMessageContaining("not a public address");
    assertThat(failure).hasMessageContaining("allow-networks");
    assertThat(endpoint.received()).isEmpty();
  }

  /** A name that stands for a public address when it is looked at and for another afterwards. */
  @Test
  void whatWasLookedAtIsWhatIsConnectedTo() throws Exception {
    Answers answers = new Answers("127.0.0.1", "169.254.169.254");
    Hooks hooks = Hooks.to("http://hooks.example:" + endpoint.port() + "/");
    try (Sink sink = open(hooks, answers)) {
      sink.deliver(List.of(EVENT));

      assertThat(answers.asked).isEqualTo(1);
      assertThat(endpoint.received().get(0).header("host"))
          .isEqualTo("hooks.example:" + endpoint.port());
    }
    try (Sink sink = open(hooks, answers)) {
      assertThatThrownBy(() -> sink.deliver(List.of(EVENT)))
          .hasMessageContaining("169.254.169.254 is not a public address");
    }
  }

  /** Stands for one address after the other. */
  private static final class Answers implements Destinations.Names {
    private final List<String> addresses;
    private int asked;

    Answers(String... addresses) {
      this.addresses = List.of(addresses);
    }

    @Override
    public InetAddress[] lookUp(String name) throws UnknownHostException {
      return new InetAddress[] {InetAddress.getByName(addresses.get(asked++))};
    }
  }

  @Test
  void withoutEncryptionOnlyAllowedNetworksAreReached() throws Exception {
    Hooks hooks = Hooks.to("http://hooks.example/").allowing("10.0.0.0/8");
    try (Sink sink = open(hooks, name -> new InetAddress[] {InetAddress.getByName("8.8.8.8")})) {
      assertThatThrownBy(() -> sink.deliver(List.of(EVENT)))
          .isInstanceOf(RetryableException.class)
          .hasMessageContaining("without encryption");
    }
  }

  @Test
  void theCertificateMustBeTrustedAndOfThatName() throws Exception {
    try (Endpoint encrypted = Endpoint.encrypted(authority.identity())) {
      Destinations.Names here = name -> new InetAddress[] {InetAddress.getLoopbackAddress()};
      Hooks hooks = Hooks.to("https://hooks.example:" + encrypted.port() + "/");
      try (Sink sink = open(hooks, here)) {
        assertThatThrownBy(() -> sink.deliver(List.of(EVENT)))
            .isInstanceOf(RetryableException.class);
      }
      Hooks wrongName = Hooks.to("https://other.example:" + encrypted.port() + "/");
      try (Sink sink = open(wrongName.trusting(authority.certificate()), here)) {
        assertThatThrownBy(() -> sink.deliver(List.of(EVENT)))
            .isInstanceOf(RetryableException.class)
            .hasMessageContaining("other.example");
      }
      assertThat(encrypted.received()).isEmpty();
      try (Sink sink = open(hooks.trusting(authority.certificate()), here)) {
        sink.deliver(List.of(EVENT));
      }
      assertThat(encrypted.received()).hasSize(1);
    }
  }
}
