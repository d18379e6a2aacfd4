package io.rowbell.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A named value kept beside the events: what a rule remembers, how far a backfill is.
 *
 * @param name unique within the journal, for example {@code rule/StockPriceMoved/42}
 * @param value the new value, or null to forget it; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // opaque bytes, handed over and never compared
public record StateChange(String name, byte @Nullable [] value) {
  public StateChange {
    Objects.requireNonNull(name, "name");
  }

  /** Forgets the value of a name, if there is one. */
  @SuppressWarnings("NullAway") // does not see annotations on the arrays of record components
  public static StateChange forget(String name) {
    return new StateChange(name, null);
  }
}
