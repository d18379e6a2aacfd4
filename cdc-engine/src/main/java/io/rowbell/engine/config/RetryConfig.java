package io.rowbell.engine.config;

import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Setting;
import java.time.Duration;

/**
 * How a delivery that failed is tried again: after {@code delay}, then after twice as long each
 * time, up to {@code maxDelay}, each shortened by chance by up to a half so that many do not come
 * at once.
 *
 * @param attempts 1 or more
 * @param delay above zero
 * @param maxDelay not below {@code delay}
 */
public record RetryConfig(
    @Setting(
            value = "How often an event is tried before it becomes a dead letter.",
            byDefault = "10")
        int attempts,
    @Setting(value = "How long to wait before the second attempt.", byDefault = "500ms")
        Duration delay,
    @Setting(value = "The longest wait between two attempts.", byDefault = "5m")
        Duration maxDelay) {
  public RetryConfig {
    if (attempts < 1) {
      throw new InvalidSettingException("attempts", "it is 1 or more");
    }
    if (delay.isZero() || delay.isNegative()) {
      throw new InvalidSettingException("delay", "it is longer than nothing");
    }
    if (maxDelay.compareTo(delay) < 0) {
      throw new InvalidSettingException("max-delay", "it is not below 'delay'");
    }
  }

  /** What a subscriber gets that says nothing about it. */
  public static RetryConfig byDefault() {
    return Binder.defaults(RetryConfig.class);
  }
}
