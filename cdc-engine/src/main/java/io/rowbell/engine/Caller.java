package io.rowbell.engine;

import com.sun.net.httpserver.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask what over HTTP. With a token, who knows it. Without one, the address is loopback and
 * whoever is on this machine may; but no page in a browser of theirs: one that makes its own name
 * mean this machine sends that name as the host, and one that sends a request elsewhere cannot give
 * it our header.
 */
final class Caller {
  /** Names the pipeline that is meant, on every request that changes something. */
  static final String PIPELINE = "Rowbell-Pipeline";

  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?");

  private final byte @Nullable [] token;

  Caller(@Nullable String token) {
    this.token = token == null ? null : ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
  }

  /** Whether a request may ask how the engine is. */
  boolean mayLook(Headers headers) {
    if (token == null) {
      return true;
    }
    String given = headers.getFirst("Authorization");
    return given != null && MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether a request comes from this machine as itself, or shows the token. */
  boolean isTrusted(Headers headers) {
    String host = Objects.requireNonNullElse(headers.getFirst("Host"), "");
    return mayLook(headers) && (token != null || LOOPBACK.matcher(host).matches());
  }

  /** The pipeline that a request is meant for; null if it does not say. */
  static @Nullable String pipeline(Headers headers) {
    return headers.getFirst(PIPELINE);
  }
}
