package io.rowbell.engine.verify;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Which keys are looked at: always the same ones, and all events of each, so that their order can
 * be told.
 *
 * @param share of all keys, more than 0 and at most 1
 */
public record Sample(double share) {
  /** Every key. */
  public static final Sample ALL = new Sample(1);

  public Sample {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("a sample is more than 0% and at most 100%");
    }
  }

  /**
   * Reads {@code 10%} or {@code 0.5%}.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  public static Sample parse(String text) {
    if (!text.endsWith("%")) {
      throw new IllegalArgumentException("'" + text + "' is no share: it looks like 10%");
    }
    try {
      return new Sample(Double.parseDouble(text.substring(0, text.length() - 1)) / 100);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is no share: it looks like 10%", e);
    }
  }

  /** Whether events of a key are looked at; those without a key are as if they had one. */
  public boolean takes(@Nullable String key) {
    // The upper bits of a product with a large odd number are as good as a better hash here.
    long mixed = (key == null ? 0 : key.hashCode()) * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
    return (mixed >>> 11) * 0x1.0p-53 < share;
  }

  @Override
  public String toString() {
    return BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros().toPlainString() + "%";
  }
}
