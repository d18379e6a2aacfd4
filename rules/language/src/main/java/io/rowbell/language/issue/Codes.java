package io.rowbell.language.issue;

/**
 * The catalogue: every code an issue of a rule file can have. {@code R} is the file's form, {@code
 * E1} an expression, {@code E2} the database, {@code W} a warning, {@code X} what can go wrong when
 * a rule runs. A code keeps its meaning for ever; {@code docs/rule-language.md} explains each.
 */
public final class Codes {
  /** A key that does not exist. */
  public static final String UNKNOWN_KEY = "R001";

  /** The text is no YAML. */
  public static final String NOT_YAML = "R002";

  /** YAML reads the text as something else than its writer meant. */
  public static final String YAML_TRAP = "R003";

  /** A key that stands twice in one mapping. */
  public static final String DUPLICATE_KEY = "R004";

  /** More bytes, nodes or depth than a file may have, or an alias. */
  public static final String LIMIT = "R005";

  /** A key that must be there and is not. */
  public static final String MISSING_KEY = "R006";

  /** A mapping, a list or text where another of them belongs. */
  public static final String WRONG_KIND = "R007";

  /** Two rules of one name. */
  public static final String DUPLICATE_RULE = "R008";

  /** An {@code on} that does not follow its grammar. */
  public static final String BAD_ON = "R009";

  /** A value that the key does not take. */
  public static final String BAD_VALUE = "R011";

  /** Words of a rule that do not go together. */
  public static final String TOGETHER = "R012";

  /** A step that tests do not have. */
  public static final String NO_STEP = "R020";

  /** A value in a test that a column cannot have. */
  public static final String NO_VALUE_OF_COLUMN = "R021";

  /** Something a test expects that no rule can make. */
  public static final String CANNOT_COME = "R022";

  /** A step of a test that does not say which row it is about. */
  public static final String WHICH_ROW = "R023";

  /** Two tests of one name in one file. */
  public static final String DUPLICATE_TEST = "R024";

  /** A text that is no expression, or a template whose holes do not close. */
  public static final String NOT_AN_EXPRESSION = "E100";

  /** A column or a name that does not exist. */
  public static final String UNKNOWN_COLUMN = "E101";

  /** An operator between types that it does not take. */
  public static final String WRONG_OPERANDS = "E102";

  /** An expression of another type than its place asks for. */
  public static final String WRONG_RESULT = "E103";

  /** Exact and floating-point numbers in one operation. */
  public static final String INEXACT = "E104";

  /** A function that does not exist. */
  public static final String UNKNOWN_FUNCTION = "E105";

  /** Arguments that a function does not take. */
  public static final String WRONG_ARGUMENTS = "E106";

  /** A constant that is no value of the type it is compared with. */
  public static final String BAD_CONSTANT = "E107";

  /** A part of CEL that the rule language does not have. */
  public static final String NOT_IN_LANGUAGE = "E108";

  /** An expression that fails whatever the row is. */
  public static final String ALWAYS_FAILS = "E109";

  /** The row before the change is read, and PostgreSQL does not log it. */
  public static final String NOT_LOGGED = "E110";

  /** A row is read where there is none: of a message, of a truncated table. */
  public static final String NO_ROW = "E111";

  /** {@code hash(x)} without a configured key. */
  public static final String NO_HASH_KEY = "E113";

  /** A function over time where there can be none, or of a length that it cannot have. */
  public static final String WINDOW = "E114";

  /** An expression that is too long, too deep or loops in a loop. */
  public static final String COST = "E120";

  /** The table has no primary key, and the rule gives no key. */
  public static final String NO_KEY = "E202";

  /** A table that the database does not have. */
  public static final String UNKNOWN_TABLE = "E203";

  /** A private column would leave. */
  public static final String PRIVATE = "E301";

  /** A breaking change of an event's contract without a higher version. */
  public static final String BREAKING = "E302";

  /** A condition orders or computes with a column that can be null. */
  public static final String NULL_NEVER_FIRES = "W110";

  /** A column that a word of the language hides. */
  public static final String SHADOWED = "W111";

  /** A row is read that is never there. */
  public static final String NEVER_THERE = "W112";

  /** A condition that is always true or always false. */
  public static final String CONSTANT_CONDITION = "W120";

  /** Whether a column changed is never or not always known. */
  public static final String CHANGE_UNKNOWN = "W201";

  /** Rules that make one event with different data. */
  public static final String DIFFERENT_DATA = "W301";

  /** A rule in shadow that does not fit the tables and is left out. */
  public static final String UNFIT_SHADOW = "W320";

  /** A fault of the evaluator itself. */
  public static final String FAULT = "X400";

  /** An int that became too large. */
  public static final String OVERFLOW = "X401";

  /** An event that is too large for its topic in Kafka. */
  public static final String TOO_LARGE = "X402";

  /** More rows of a transaction than can be kept until its end, or than one event may have. */
  public static final String LARGE_TRANSACTION = "X403";

  /** A division by zero. */
  public static final String DIVISION_BY_ZERO = "X404";

  /** A value that cannot be converted. */
  public static final String CONVERSION = "X405";

  /** A list that is too long. */
  public static final String LONG_LIST = "X406";

  /** A number or a time out of range. */
  public static final String OUT_OF_RANGE = "X407";

  /** A JSON value of another shape. */
  public static final String JSON_SHAPE = "X408";

  /** A hole of a template without a value. */
  public static final String EMPTY_HOLE = "X409";

  /** A key, an id or data that has no value for this change. */
  public static final String NO_VALUE = "X410";

  /** A column's value that has no representation here. */
  public static final String UNREADABLE = "X411";

  /** An event whose topic cannot exist in Kafka. */
  public static final String NO_TOPIC = "X412";

  /** Rows of a transaction that were kept for other rules, or before a table was altered. */
  public static final String OTHER_RULES = "X420";

  /** A message to Rowbell itself that cannot be used. */
  public static final String BAD_MESSAGE = "X421";

  private Codes() {}
}
