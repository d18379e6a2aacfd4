package io.rowbell.webhook;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.spi.InvalidSettingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookSettingsTest {
  private static final Hooks GOOD = Hooks.to("https://hooks.example/in");

  private static AbstractThrowableAssert<?, ? extends Throwable> refused(Hooks hooks, String key) {
    return assertThatThrownBy(
            () -> new WebhookSinkFactory().open(hooks.settings(), Hooks.CONTEXT).close())
        .isInstanceOfSatisfying(
            InvalidSettingException.class,
            e -> org.assertj.core.api.Assertions.assertThat(e.key()).isEqualTo(key));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://hooks.example/",
        "hooks.example/in",
        "https:///in",
        "https://me:pw@hooks.example/",
        "https://hooks.example/#part"
      })
  void urlsThatCannotBeUsed(String url) {
    refused(Hooks.to(url), "url").message().doesNotContain("pw");
  }

  @Test
  void plainHttpOnlyWhereItIsAllowed() {
    refused(Hooks.to("http://hooks.example/").allowing(), "url")
        .hasMessageContaining("allow-networks");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "plain-text", "whsec_", "whsec_c2hvcnQ=", "whsec_***not-base64***"})
  void secretsThatAreNone(String secret) {
    refused(GOOD.signed(secret, null), "secret")
        .hasMessageContaining("openssl rand")
        .message()
        .doesNotContain("c2hvcnQ")
        .doesNotContain("not-base64");
  }

  @Test
  void aSecretOfBeforeNeedsOneOfNow() {
    refused(
        GOOD.signed(null, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="), "previous-secret");
  }

  @Test
  void headersThatAreNotTheUsersToWrite() {
    refused(GOOD.with(null, Map.of("Webhook-Id", "1")), "headers.Webhook-Id");
    refused(GOOD.with(null, Map.of("Authorization", "x")), "headers.Authorization")
        .hasMessageContaining("token");
    refused(GOOD.with(null, Map.of("a b", "x")), "headers");
    refused(GOOD.with(null, Map.of("X-A", "x\r\nHost: evil")), "headers.X-A");
    refused(GOOD.with("two words", Map.of()), "token").message().doesNotContain("two words");
  }

  @Test
  void theRest(@TempDir Path directory) throws Exception {
    refused(GOOD.within(Duration.ZERO), "timeout");
    refused(GOOD.allowing("localhost"), "allow-networks");
    Path empty = Files.createFile(directory.resolve("empty.pem"));
    refused(GOOD.trusting(empty), "ca-certificate").hasMessageContaining("no certificate");
    refused(GOOD.trusting(directory.resolve("none.pem")), "ca-certificate");
  }
}
