package io.rowbell.engine;

import io.rowbell.spi.Resume;
import io.rowbell.spi.StateChange;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the journal says of which rules made its last entries: their fingerprint, and how often
 * others took over, written in the same durable step as the first of them. So who reads the journal
 * beside its writer knows whether its own rules are the same, and were all the while.
 */
final class RulesInForce {
  private static final String NAME = "engine/rules";

  private @Nullable Told told;

  /**
   * What a journal says.
   *
   * @param number grows with each take-over; 0 if it was written before they were counted
   */
  record Told(String fingerprint, long number) {
    /** What a journal says first. */
    static Told first(String fingerprint) {
      return new Told(fingerprint, 1);
    }

    private static Told parse(String text) {
      int space = text.indexOf(' ');
      return space < 0
          ? new Told(text, 0)
          : new Told(text.substring(0, space), Long.parseLong(text.substring(space + 1)));
    }

    private StateChange change() {
      return new StateChange(NAME, (fingerprint + " " + number).getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * @param resume what the journal holds now
   */
  RulesInForce(Resume resume) {
    told = of(resume).orElse(null);
  }

  /** What a journal says; empty if nothing yet. */
  static Optional<Told> of(Resume resume) {
    return Optional.ofNullable(resume.state().get(NAME))
        .map(value -> Told.parse(new String(value, StandardCharsets.UTF_8)));
  }

  /** What is to be told with the next step, if anything. */
  Optional<StateChange> untold(String fingerprint) {
    Told now = now(fingerprint);
    return now.equals(told) ? Optional.empty() : Optional.of(now.change());
  }

  /** The step is durable. */
  void told(String fingerprint) {
    told = now(fingerprint);
  }

  private Told now(String fingerprint) {
    if (told == null) {
      return Told.first(fingerprint);
    }
    return told.fingerprint.equals(fingerprint) ? told : new Told(fingerprint, told.number + 1);
  }
}
