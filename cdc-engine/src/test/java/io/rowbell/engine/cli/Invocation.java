package io.rowbell.engine.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * What a command did.
 *
 * @param code the exit code
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error, the log left out
 */
record Invocation(int code, String out, String err) {
  static Invocation of(String... args) {
    return of(Terminal.NONE, args);
  }

  static Invocation of(Terminal terminal, String... args) {
    return of(terminal, new StringWriter(), args);
  }

  /**
   * The same.
   *
   * @param err may be looked at while the command runs
   */
  static Invocation telling(StringWriter err, String... args) {
    return of(Terminal.NONE, err, args);
  }

  private static Invocation of(Terminal terminal, StringWriter err, String... args) {
    StringWriter out = new StringWriter();
    int code = Main.run(args, terminal, new PrintWriter(out), new PrintWriter(err));
    return new Invocation(code, out.toString(), err.toString());
  }
}
