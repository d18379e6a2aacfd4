package io.rowbell.spi;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.Subscription.ParkedKey;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a person decides about a subscriber: see {@link Subscription#decide}. */
public sealed interface Decision {

  /**
   * The dead letters of these keys are to be delivered again.
   *
   * @param keys become parked if they are not
   */
  record Retry(Set<ParkedKey> keys) implements Decision {
    public Retry {
      keys = Set.copyOf(keys);
    }
  }

  /**
   * Dead letters are given up for good.
   *
   * @param letters are forgotten; their payloads are not needed
   * @param released keys that are not parked any more
   */
  record Drop(List<DeadLetter> letters, Set<ParkedKey> released) implements Decision {
    public Drop {
      letters = List.copyOf(letters);
      released = Set.copyOf(released);
    }
  }

  /** Nothing is delivered until {@link Resume}, whatever is restarted. */
  record Pause() implements Decision {}

  /** Deliveries go on. */
  record Resume() implements Decision {}

  /**
   * The cursor goes elsewhere. Whoever reads must close the subscription and open it anew.
   *
   * @param nextOffsets for each partition that moves, what is read next; within what is kept
   */
  record Move(Map<String, Long> nextOffsets) implements Decision {
    public Move {
      nextOffsets = Map.copyOf(nextOffsets);
    }
  }
}
