package io.rowbell.spi;

import java.util.Objects;

/** A value that is never printed. */
public final class Secret {
  private final String value;

  /**
   * @param value the secret itself
   */
  public Secret(String value) {
    this.value = Objects.requireNonNull(value, "value");
  }

  /** The secret itself: for the driver that needs it, and nobody else. */
  public String reveal() {
    return value;
  }

  /** Stars. */
  @Override
  public String toString() {
    return "****";
  }
}
