package io.rowbell.webhook;

import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings to test with, one changed at a time. */
record Hooks(
    URI url,
    @Nullable Secret secret,
    @Nullable Secret previousSecret,
    @Nullable Secret token,
    Map<String, String> headers,
    Duration timeout,
    List<String> allowNetworks,
    @Nullable Path caCertificate) {
  static final AdapterContext CONTEXT = new AdapterContext("shop", Path.of("."), Map.of());

  /** To this machine, without a signature. */
  static Hooks to(String url) {
    return new Hooks(
        URI.create(url),
        null,
        null,
        null,
        Map.of(),
        Duration.ofSeconds(20),
        List.of("127.0.0.0/8", "::1"),
        null);
  }

  Hooks allowing(String... networks) {
    return new Hooks(
        url, secret, previousSecret, token, headers, timeout, List.of(networks), caCertificate);
  }

  Hooks within(Duration time) {
    return new Hooks(
        url, secret, previousSecret, token, headers, time, allowNetworks, caCertificate);
  }

  Hooks signed(@Nullable String now, @Nullable String before) {
    return new Hooks(
        url,
        now == null ? null : new Secret(now),
        before == null ? null : new Secret(before),
        token,
        headers,
        timeout,
        allowNetworks,
        caCertificate);
  }

  Hooks with(@Nullable String bearer, Map<String, String> more) {
    return new Hooks(
        url,
        secret,
        previousSecret,
        bearer == null ? null : new Secret(bearer),
        more,
        timeout,
        allowNetworks,
        caCertificate);
  }

  Hooks trusting(Path authorities) {
    return new Hooks(
        url, secret, previousSecret, token, headers, timeout, allowNetworks, authorities);
  }

  WebhookSettings settings() {
    return new WebhookSettings(
        url, secret, previousSecret, token, headers, timeout, allowNetworks, caCertificate);
  }
}
