package io.rowbell.model;

import java.util.regex.Pattern;

/** Quoting of SQL identifiers as PostgreSQL reads them. */
public final class SqlIdentifier {
  private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_]*");

  private SqlIdentifier() {}

  /**
   * {@code name} as it must stand in SQL. Quotes whatever is not lower-case letters, digits and
   * underscores; a keyword used as a name is quoted by the rule files' writers, and always by
   * {@link #quoteAlways}.
   */
  public static String quote(String name) {
    return PLAIN.matcher(name).matches() ? name : quoteAlways(name);
  }

  /**
   * {@code name} between double quotes, quotes inside doubled: right for every name, keywords
   * included.
   */
  public static String quoteAlways(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
