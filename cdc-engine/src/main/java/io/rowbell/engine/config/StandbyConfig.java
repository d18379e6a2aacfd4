package io.rowbell.engine.config;

import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Setting;
import java.time.Duration;

/**
 * Several instances of one pipeline, of which one works and the others stand by.
 *
 * @param takeOverAfter for how long the one that works may show no sign of life
 */
public record StandbyConfig(
    @Setting(
            value =
                "For how long the instance that works may show no sign of life until one that"
                    + " stands by ends its session and takes over; three times the source's"
                    + " marker-interval or more.",
            byDefault = "35s")
        Duration takeOverAfter) {
  public StandbyConfig {
    if (takeOverAfter.isNegative() || takeOverAfter.isZero()) {
      throw new InvalidSettingException("take-over-after", "it is longer than nothing");
    }
  }
}
