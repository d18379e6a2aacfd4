package io.rowbell.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class JavaProcessIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  /** Prints its arguments, then waits for ever, or ends if there are none. */
  static final class Speaker {
    private Speaker() {}

    public static void main(String[] arguments) throws InterruptedException {
      for (String argument : arguments) {
        System.out.println("said: " + argument);
      }
      if (arguments.length > 0) {
        Thread.currentThread().join();
      }
    }
  }

  @Test
  void isReadLineByLineAndKilled() throws InterruptedException {
    try (JavaProcess process = JavaProcess.of(Speaker.class).args("one", "two", "one").start()) {
      assertThat(process.awaitLine("one", SOON)).isEqualTo("said: one");
      assertThat(process.awaitLine(line -> line.endsWith("one"), SOON)).isEqualTo("said: one");
      assertThat(process.output()).containsExactly("said: one", "said: two", "said: one");
      assertThat(process.running()).isTrue();
      process.suspend();
      process.resume();
      process.kill();
      assertThat(process.running()).isFalse();
      assertThat(process.awaitExit(SOON)).isEqualTo(128 + 9);
    }
  }

  @Test
  void saysWhatWasPrintedInsteadOfTheLineWaitedFor() {
    try (JavaProcess process = JavaProcess.of(Speaker.class).args("one").start()) {
      assertThatThrownBy(() -> process.awaitLine("three", Duration.ofSeconds(3)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("said: one");
    }
    try (JavaProcess process = JavaProcess.of(Speaker.class).start()) {
      assertThatThrownBy(() -> process.awaitLine("one", SOON))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("ended without");
    }
  }

  @Test
  void isAskedToEnd() throws InterruptedException {
    try (JavaProcess process = JavaProcess.of(Speaker.class).args("one").start()) {
      process.awaitLine("one", SOON);
      process.terminate();
      assertThat(process.awaitExit(SOON)).isEqualTo(128 + 15);
    }
  }
}
