package io.rowbell.language;

import io.rowbell.language.expression.Explained;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Position;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a rule fired for a change, did not fire, or failed. Shows no value of a private column.
 *
 * @param rule its name
 * @param change which change; for what was due, the change with which the state began
 * @param verdict what became of it
 * @param reason what decided
 * @param because the reason in one sentence, without a full stop
 * @param conditions the rule's conditions that were asked, in the order of the file
 * @param last what {@code last} and {@code cooldown} go by; null if nothing is remembered
 * @param made the events
 * @param shadow whether the rule is in shadow, so that nothing of what it makes is published
 */
public record Explanation(
    String rule,
    About change,
    Verdict verdict,
    Reason reason,
    String because,
    List<Condition> conditions,
    @Nullable Last last,
    List<DomainEvent> made,
    boolean shadow) {
  public Explanation {
    conditions = List.copyOf(conditions);
    made = List.copyOf(made);
  }

  /** What became of the change. */
  public enum Verdict {
    FIRED,
    NOT_FIRED,
    FAILED;

    /** As it is written. */
    public String word() {
      return this == FIRED ? "fired" : this == FAILED ? "failed" : "not fired";
    }
  }

  /** What decided. */
  public enum Reason {
    /** The rule listens to another table, or to messages. */
    OTHER_TABLE,
    /** The rule does not listen to the operation. */
    OTHER_OPERATION,
    /** None of the columns listed in {@code on} differs. */
    NO_LISTED_COLUMN,
    /** The first change of a key is remembered only. */
    FIRST_SEEN,
    /** The rule keeps still for the key. */
    COOLDOWN,
    /** The transaction wants the rule not to fire. */
    SKIPPED,
    /** Too much of the transaction had to be kept for the rule to wait for its end. */
    NO_ROOM,
    /** The conditions, be they true, false or unknown. */
    CONDITION,
    /** How far the state is that the rule waits for. */
    STATE,
    /** No change: a time that the rule waited for has come, or has not. */
    TIME,
    /** The rule could not be evaluated. */
    ERROR
  }

  /**
   * The change.
   *
   * @param row the table and the primary key, as {@code stocks id=1}, or a message's prefix; where
   *     the reason is a time, the table and the event's key
   * @param operation its word, for example {@code update}; {@code wait} if there is no change
   * @param position null if there is no change
   * @param time when it was committed; where the reason is a time, that
   * @param key what the rule's events are ordered by; null if there is none or none can be made
   */
  public record About(
      String row,
      String operation,
      @Nullable Position position,
      Instant time,
      @Nullable String key) {}

  /**
   * A condition of the rule.
   *
   * @param word {@code when}, {@code while} or {@code until}
   */
  public record Condition(String word, Explained explained) {}

  /**
   * What is remembered of the key.
   *
   * @param fired whether the rule has fired; otherwise it has only seen the key
   * @param at when
   */
  public record Last(boolean fired, Instant at) {}

  /** For people: one line that says what became of the change, and below it why. */
  public String text() {
    return ExplanationText.of(this);
  }

  /** For programs: one JSON object on one line. */
  public String json() {
    return new String(ExplanationJson.of(this), StandardCharsets.UTF_8);
  }
}
