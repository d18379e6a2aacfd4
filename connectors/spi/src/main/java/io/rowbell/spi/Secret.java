package io.rowbell.spi;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A value that is never printed. It may be kept elsewhere, in a file for example, and be another
 * one there after a while: see {@link #renew}. Safe to use from several threads.
 */
public final class Secret {
  private final Supplier<Optional<String>> origin;
  private volatile String value;

  /**
   * A secret that stays the same.
   *
   * @param value the secret itself
   */
  public Secret(String value) {
    this(value, Optional::empty);
  }

  /**
   * A secret that is kept elsewhere.
   *
   * @param value what it is now
   * @param origin what it is there when it is asked; empty if it cannot be read
   */
  public Secret(String value, Supplier<Optional<String>> origin) {
    this.value = Objects.requireNonNull(value, "value");
    this.origin = Objects.requireNonNull(origin, "origin");
  }

  /** The secret itself: for the driver that needs it, and nobody else. */
  public String reveal() {
    return value;
  }

  /**
   * Reads it again where it is kept: for when it was refused. It stays as it is if it cannot be
   * read.
   *
   * @return what {@link #reveal} gives from now on
   */
  public String renew() {
    origin.get().ifPresent(now -> value = now);
    return value;
  }

  /** Stars. */
  @Override
  public String toString() {
    return "****";
  }
}
