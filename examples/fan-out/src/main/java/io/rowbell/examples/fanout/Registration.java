package io.rowbell.examples.fanout;

import io.rowbell.engine.Engine;
import java.nio.file.Path;

/** Runs the three handlers that the configuration names; {@code rowbell run} does the same. */
public final class Registration {
  private Registration() {}

  /**
   * Runs until it is stopped.
   *
   * @param args the configuration file
   */
  public static void main(String[] args) throws InterruptedException {
    try (Engine engine = Engine.from(Path.of(args[0])).start()) {
      System.exit(engine.awaitStop().code());
    }
  }
}
