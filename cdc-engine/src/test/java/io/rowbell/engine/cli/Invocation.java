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
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(args, terminal, new PrintWriter(out), new PrintWriter(err));
    return new Invocation(code, out.toString(), err.toString());
  }
}
