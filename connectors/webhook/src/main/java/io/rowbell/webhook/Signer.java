package io.rowbell.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.spi.Secret;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs requests as <a href="https://www.standardwebhooks.com">Standard Webhooks</a> says:
 * HMAC-SHA256 over {@code id.timestamp.body}, once for each secret.
 */
final class Signer {
  private static final String PREFIX = "whsec_";
  private static final String ALGORITHM = "HmacSHA256";
  private static final int SHORTEST = 24;
  private static final int LONGEST = 64;

  private final List<SecretKeySpec> keys;

  /**
   * @param secrets the one of today first
   */
  Signer(List<Secret> secrets) {
    List<SecretKeySpec> read = new ArrayList<>();
    for (Secret secret : secrets) {
      read.add(key(secret));
    }
    keys = List.copyOf(read);
  }

  /**
   * @throws IllegalArgumentException if it is none: the message does not show it
   */
  static SecretKeySpec key(Secret secret) {
    String text = secret.reveal();
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text.startsWith(PREFIX) ? text.substring(6) : "");
    } catch (IllegalArgumentException e) {
      bytes = new byte[0];
    }
    if (bytes.length < SHORTEST || bytes.length > LONGEST) {
      throw new IllegalArgumentException(
          "it is '"
              + PREFIX
              + "' and the base64 of 24 to 64 random bytes. This makes one: echo whsec_$(openssl"
              + " rand -base64 32)");
    }
    return new SecretKeySpec(bytes, ALGORITHM);
  }

  /**
   * The header {@code webhook-signature}; empty without secrets.
   *
   * @param timestamp seconds since 1970
   */
  String sign(String id, long timestamp, byte[] body) {
    List<String> signatures = new ArrayList<>();
    for (SecretKeySpec key : keys) {
      try {
        Mac mac = Mac.getInstance(ALGORITHM);
        mac.init(key);
        mac.update((id + "." + timestamp + ".").getBytes(UTF_8));
        signatures.add("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body)));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every Java has " + ALGORITHM, e);
      }
    }
    return String.join(" ", signatures);
  }
}
