package io.rowbell.engine.config;

import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Setting;
import java.time.Duration;

/**
 * What becomes of a pipeline that hangs.
 *
 * @param tellAfter above zero
 * @param endAfter above {@code tellAfter}
 */
public record WatchdogConfig(
    @Setting(
            value =
                "For how long the pipeline may be at one piece of work (a batch, mostly) until the"
                    + " log says at which, with the stack of its thread.",
            byDefault = "60s")
        Duration tellAfter,
    @Setting(
            value =
                "For how long, until the process is ended with 71; longer than the slowest append"
                    + " and the slowest rule.",
            byDefault = "5m")
        Duration endAfter) {
  public WatchdogConfig {
    if (tellAfter.isZero() || tellAfter.isNegative()) {
      throw new InvalidSettingException("tell-after", "it is longer than nothing");
    }
    if (endAfter.compareTo(tellAfter) <= 0) {
      throw new InvalidSettingException("end-after", "it is longer than 'tell-after'");
    }
  }

  /** What a pipeline gets that says nothing about it. */
  public static WatchdogConfig byDefault() {
    return Binder.defaults(WatchdogConfig.class);
  }
}
