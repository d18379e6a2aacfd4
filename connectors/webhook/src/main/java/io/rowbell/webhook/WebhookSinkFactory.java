package io.rowbell.webhook;

import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Secret;
import io.rowbell.spi.Sink;
import io.rowbell.spi.SinkFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** Makes sinks that post events to a URL. */
public final class WebhookSinkFactory implements SinkFactory<WebhookSettings> {
  /** What the sink writes itself, or the client. */
  private static final Set<String> OWN_HEADERS =
      Set.of(
          "authorization",
          "connection",
          "content-encoding",
          "content-length",
          "content-type",
          "expect",
          "host",
          "keep-alive",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "webhook-id",
          "webhook-signature",
          "webhook-timestamp");

  private static final int LONGEST_HEADER = 8 << 10;
  private static final int MOST_HEADERS = 100;

  private final Destinations.Names names;
  private final InstantSource clock;

  /** For {@link java.util.ServiceLoader}. */
  public WebhookSinkFactory() {
    this(InetAddress::getAllByName, InstantSource.system());
  }

  WebhookSinkFactory(Destinations.Names names, InstantSource clock) {
    this.names = names;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "webhook";
  }

  @Override
  public Class<WebhookSettings> settingsType() {
    return WebhookSettings.class;
  }

  @Override
  public Sink open(WebhookSettings settings, AdapterContext context) {
    if (settings.timeout().toMillis() < 1) {
      throw new InvalidSettingException("timeout", "it is longer than nothing");
    }
    List<Network> allowed = networks(settings.allowNetworks());
    boolean encrypted = requireUrl(settings.url(), allowed);
    Destinations destinations = new Destinations(names, allowed, encrypted);
    return new WebhookSink(
        settings.url(),
        settings.timeout(),
        headers(settings),
        signer(settings),
        client(settings, destinations, context.directory()),
        clock);
  }

  private static List<Network> networks(List<String> texts) {
    List<Network> networks = new ArrayList<>();
    for (String text : texts) {
      try {
        networks.add(Network.parse(text));
      } catch (IllegalArgumentException e) {
        throw new InvalidSettingException("allow-networks", String.valueOf(e.getMessage()));
      }
    }
    return networks;
  }

  /** Whether what is sent there is encrypted. */
  private static boolean requireUrl(URI url, List<Network> allowed) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("https") && !scheme.equals("http")) {
      throw new InvalidSettingException("url", "it begins with https://");
    }
    if (url.getHost() == null) {
      throw new InvalidSettingException("url", "there is no host in it");
    }
    if (url.getUserInfo() != null) {
      throw new InvalidSettingException(
          "url", "a password does not belong into a URL: use 'token', with a reference");
    }
    if (url.getFragment() != null) {
      throw new InvalidSettingException("url", "what follows '#' is never sent: leave it out");
    }
    if (scheme.equals("http") && allowed.isEmpty()) {
      throw new InvalidSettingException(
          "url",
          "over http everybody on the way reads the events: use https, or name the destination's"
              + " network in 'allow-networks'");
    }
    return scheme.equals("https");
  }

  private static Map<String, String> headers(WebhookSettings settings) {
    Map<String, String> headers = new HashMap<>();
    settings
        .headers()
        .forEach(
            (name, value) -> {
              if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+")) {
                throw new InvalidSettingException(
                    "headers", "'" + name + "' is no name for a header");
              }
              if (OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                throw new InvalidSettingException(
                    "headers." + name,
                    name.equalsIgnoreCase("authorization")
                        ? "use 'token', which is never shown"
                        : "this header is written by Rowbell");
              }
              if (!value.matches("[\\t\\x20-\\x7E]*")) {
                throw new InvalidSettingException(
                    "headers." + name, "a header holds visible ASCII characters, on one line");
              }
              headers.put(name, value);
            });
    Secret token = settings.token();
    if (token != null) {
      if (!token.reveal().matches("[\\x21-\\x7E]+")) {
        throw new InvalidSettingException("token", "it holds visible ASCII characters only");
      }
      headers.put("Authorization", "Bearer " + token.reveal());
    }
    return headers;
  }

  private static @Nullable Signer signer(WebhookSettings settings) {
    if (settings.secret() == null) {
      if (settings.previousSecret() != null) {
        throw new InvalidSettingException(
            "previous-secret", "there is no 'secret' that follows it");
      }
      return null;
    }
    List<Secret> secrets = new ArrayList<>();
    secrets.add(checked("secret", settings.secret()));
    if (settings.previousSecret() != null) {
      secrets.add(checked("previous-secret", settings.previousSecret()));
    }
    return new Signer(secrets);
  }

  private static Secret checked(String key, Secret secret) {
    try {
      Signer.key(secret);
      return secret;
    } catch (IllegalArgumentException e) {
      throw new InvalidSettingException(key, String.valueOf(e.getMessage()));
    }
  }

  private static CloseableHttpAsyncClient client(
      WebhookSettings settings, Destinations destinations, Path directory) {
    Timeout timeout = Timeout.of(settings.timeout());
    ClientTlsStrategyBuilder tls = ClientTlsStrategyBuilder.create();
    Path authorities = settings.caCertificate();
    if (authorities != null) {
      try {
        tls.setSslContext(Trust.in(directory.resolve(authorities)));
      } catch (IOException | GeneralSecurityException e) {
        throw new InvalidSettingException(
            "ca-certificate",
            directory.resolve(authorities) + " cannot be used: " + e.getMessage());
      }
    }
    return HttpAsyncClients.custom()
        .setConnectionManager(
            PoolingAsyncClientConnectionManagerBuilder.create()
                .setDnsResolver(destinations)
                .setTlsStrategy(tls.buildAsync())
                .setDefaultTlsConfig(
                    TlsConfig.custom()
                        .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1)
                        .setHandshakeTimeout(timeout)
                        .build())
                .setDefaultConnectionConfig(
                    ConnectionConfig.custom()
                        .setConnectTimeout(timeout)
                        .setSocketTimeout(timeout)
                        .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                        .setTimeToLive(TimeValue.ofMinutes(5))
                        .build())
                .build())
        .setDefaultRequestConfig(
            RequestConfig.custom()
                .setConnectionRequestTimeout(timeout)
                .setResponseTimeout(timeout)
                .build())
        .setHttp1Config(
            Http1Config.custom()
                .setMaxLineLength(LONGEST_HEADER)
                .setMaxHeaderCount(MOST_HEADERS)
                .build())
        .setUserAgent("rowbell")
        .disableRedirectHandling()
        .disableAutomaticRetries()
        .disableCookieManagement()
        .disableAuthCaching()
        .build();
  }
}
