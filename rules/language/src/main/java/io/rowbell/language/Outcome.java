package io.rowbell.language;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Origin;
import java.util.Objects;

/** What a rule makes of a change that concerns it. */
public sealed interface Outcome {
  /** The rule fired. */
  record Event(DomainEvent event) implements Outcome {
    public Event {
      Objects.requireNonNull(event, "event");
    }
  }

  /** The rule could not be evaluated, and says {@code on_error: dlq}. */
  record Dead(DeadLetter letter) implements Outcome {
    public Dead {
      Objects.requireNonNull(letter, "letter");
    }
  }

  /**
   * What a rule with {@code mode: shadow} would have done: nothing of it is published.
   *
   * @param rule the rule's name
   * @param would an event, a dead letter or a halt
   */
  record Shadow(String rule, Outcome would) implements Outcome {
    public Shadow {
      Objects.requireNonNull(rule, "rule");
      Objects.requireNonNull(would, "would");
    }
  }

  /**
   * The rule could not be evaluated, and says {@code on_error: halt}: nothing of this change may
   * become durable.
   *
   * @param rule the rule's name
   * @param code the catalogue's code, for example {@code X401}
   * @param reason what went wrong, in one sentence; never a row's value
   * @param origin the change; for a state that lasted, the one with which it began
   */
  record Halt(String rule, String code, String reason, Origin origin) implements Outcome {
    public Halt {
      Objects.requireNonNull(rule, "rule");
      Objects.requireNonNull(code, "code");
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(origin, "origin");
    }
  }
}
