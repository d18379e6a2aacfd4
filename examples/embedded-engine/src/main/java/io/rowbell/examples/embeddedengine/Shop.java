package io.rowbell.examples.embeddedengine;

import io.rowbell.engine.Engine;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A program that packs orders when they are paid, without asking the database again and again. */
public final class Shop {
  private Shop() {}

  /** Registers the shop's handlers. */
  static Engine.Builder handlers(Engine.Builder engine, Consumer<String> out) {
    return engine
        .on("OrderPlaced", event -> out.accept("thank you for order " + event.key()))
        .on("OrderPaid", event -> out.accept("packing order " + event.key() + ": " + event.data()));
  }

  /**
   * Runs until it is stopped.
   *
   * @param args the configuration file
   */
  public static void main(String[] args) throws InterruptedException {
    try (Engine engine = handlers(Engine.from(Path.of(args[0])), System.out::println).start()) {
      System.exit(engine.awaitStop().code());
    }
  }
}
