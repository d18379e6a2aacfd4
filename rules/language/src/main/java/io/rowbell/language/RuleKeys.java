package io.rowbell.language;

import java.util.List;

/**
 * The keys of rule files: the one place that declares them, for the reader and for the schema that
 * editors use.
 */
final class RuleKeys {
  /** What a key's value looks like. */
  enum Form {
    TEXT,
    /** Text with {@code {expression}} holes. */
    TEMPLATE,
    EXPRESSION,
    /** Names for expressions. */
    EXPRESSIONS,
    /** Names for expressions, bare columns, one expression, or {@code row}. */
    DATA,
    /** Names for constants. */
    CONSTANTS,
    ON,
    /** Names for tables, each by one of its columns. */
    CHILDREN,
    DURATION,
    /** A whole number from 1. */
    NUMBER,
    FLAG,
    ON_ERROR,
    MODE,
    TEXTS,
    VERSION,
    DEFAULTS,
    TRIGGERS,
    TESTS,
    STEPS
  }

  /**
   * A key.
   *
   * @param description what it means, in a sentence or two
   * @param example a value, as it is written
   */
  record Key(String name, Form form, String description, String example) {}

  /** Of a file. */
  static final List<Key> FILE =
      List.of(
          new Key("rules", Form.VERSION, "The version of the rule language.", "v1"),
          new Key(
              "defaults",
              Form.DEFAULTS,
              "What the rules of this file do unless they say otherwise.",
              ""),
          new Key("vars", Form.CONSTANTS, "Constants of this file: vars.limit.", ""),
          new Key(
              "private",
              Form.TEXTS,
              "Columns that may leave only hidden by mask or hash: table.column, or \"*.column\".",
              "users.password_hash"),
          new Key("triggers", Form.TRIGGERS, "The rules.", ""),
          new Key("tests", Form.TESTS, "What 'rowbell test' runs.", ""));

  /** Of {@code defaults}. */
  static final List<Key> DEFAULTS =
      List.of(
          new Key("to", Form.TEMPLATE, "The topic of the events.", "shop.{table}"),
          new Key(
              "on_error",
              Form.ON_ERROR,
              "What becomes of a change that a rule cannot evaluate.",
              "dlq"),
          new Key("mode", Form.MODE, "Whether what the rules make is published.", "live"));

  /** Of a rule. */
  static final List<Key> TRIGGER =
      List.of(
          new Key("event", Form.TEMPLATE, "The type of the events.", "OrderPaid"),
          new Key("rule", Form.TEXT, "The rule's name; the event's if left out.", "order-paid"),
          new Key(
              "on",
              Form.ON,
              "Which changes: operations and a table, or 'message' and a prefix; with 'while' a"
                  + " table alone.",
              "update orders(status)"),
          new Key(
              "let", Form.EXPRESSIONS, "Names for expressions; each may use those before it.", ""),
          new Key(
              "with",
              Form.CHILDREN,
              "Rows of other tables that the same transaction wrote, found by their column.",
              "order_lines by order_id"),
          new Key("when", Form.EXPRESSION, "Fires only if this is true.", "total > 1000"),
          new Key(
              "while",
              Form.EXPRESSION,
              "Fires when this has been true for as long as 'for' says.",
              "status == 'PENDING'"),
          new Key(
              "until",
              Form.EXPRESSION,
              "Ends the state; if left out, it ends when 'while' is not true any more.",
              "cpu < 70"),
          new Key("for", Form.DURATION, "How long 'while' must be true.", "30m"),
          new Key(
              "resolved",
              Form.TEMPLATE,
              "The type of an event at the state's end.",
              "OrderSettled"),
          new Key(
              "key",
              Form.EXPRESSION,
              "What events are ordered by; the primary key if left out.",
              "order_id"),
          new Key(
              "id",
              Form.EXPRESSION,
              "Text that makes the event's id, in place of the change's own.",
              "string(id)"),
          new Key(
              "cooldown",
              Form.DURATION,
              "How long the rule keeps still for a key after it has fired for it.",
              "10m"),
          new Key(
              "forget_after",
              Form.DURATION,
              "How long 'last' remembers a key for which the rule does not fire.",
              "90d"),
          new Key(
              "data",
              Form.DATA,
              "What the event tells: columns and named expressions, one expression, or 'row'.",
              "row"),
          new Key("to", Form.TEMPLATE, "The topic of the events.", "payments.{method}"),
          new Key("version", Form.NUMBER, "The version of the event's contract.", "2"),
          new Key(
              "on_error",
              Form.ON_ERROR,
              "What becomes of a change that the rule cannot evaluate: a dead letter, nothing, or"
                  + " a stop.",
              "dlq"),
          new Key("description", Form.TEXT, "For readers.", ""),
          new Key("enabled", Form.FLAG, "false: checked, but not run.", "true"),
          new Key(
              "mode",
              Form.MODE,
              "shadow: evaluated and counted, but nothing is published.",
              "live"),
          new Key(
              "compare",
              Form.TEXT,
              "The live rule that a rule in shadow is compared with; the only one of the same"
                  + " event if left out.",
              "OrderPaid"));

  /** Of a test. */
  static final List<Key> TEST =
      List.of(
          new Key("test", Form.TEXT, "What it shows, in a few words.", "unpaid for 30 minutes"),
          new Key("steps", Form.STEPS, "What happens, and what is expected.", ""));

  private RuleKeys() {}

  static List<String> names(List<Key> keys) {
    return keys.stream().map(Key::name).toList();
  }
}
