package io.rowbell.engine.verify;

import io.rowbell.model.DomainEvent;
import java.util.Locale;
import java.util.Objects;

/**
 * Something that is wrong with an event in a journal.
 *
 * @param event as the rules make it; as the journal has it, if the rules make none
 * @param detail what else there is to say, in half a sentence; never a row's value
 */
public record Discrepancy(Kind kind, DomainEvent event, String detail) {
  public Discrepancy {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(event, "event");
    Objects.requireNonNull(detail, "detail");
  }

  /** What can be wrong, each with its code in docs/messages.md. */
  public enum Kind {
    /** The journal says that the change is done, and has no event of it. */
    MISSING("X601"),
    /** The event is in the journal more than once. */
    DOUBLED("X602"),
    /** Events of one key stand in another order than their commits. */
    OUT_OF_ORDER("X603"),
    /** The event has its id, and other content than the rules make. */
    DIFFERENT("X604"),
    /** The rules make no such event of any change. */
    UNEXPECTED("X605"),
    /**
     * The journal has not come to the change yet, for longer than it may take: told of the oldest
     * event alone.
     */
    LATE("X606");

    private final String code;

    Kind(String code) {
      this.code = code;
    }

    /** Its section of docs/messages.md. */
    public String code() {
      return code;
    }

    /** As people read it. */
    public String words() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** One line, for people. */
  public String text() {
    String where = event.extensions().get("position");
    return "%s %s: %s of key %s, event %s, committed at %s%s: %s"
        .formatted(
            kind.code(),
            kind.words(),
            event.type(),
            event.key() == null ? "(none)" : "'" + event.key() + "'",
            event.id(),
            event.time(),
            where == null ? "" : ", changed at " + where,
            detail);
  }
}
