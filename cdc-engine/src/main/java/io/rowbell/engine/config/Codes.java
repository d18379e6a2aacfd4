package io.rowbell.engine.config;

/** What can be wrong with a configuration. */
final class Codes {
  static final String UNKNOWN_KEY = "C001";
  static final String MISSING_KEY = "C002";
  static final String WRONG_TYPE = "C003";
  static final String WRONG_VALUE = "C004";
  static final String BAD_REFERENCE = "C005";
  static final String UNKNOWN_ADAPTER = "C006";
  static final String BAD_OVERRIDE = "C007";
  static final String REFUSED = "C008";
  static final String NO_SUCH_FILE = "C009";
  static final String NO_SUCH_CLASS = "C010";

  private Codes() {}
}
