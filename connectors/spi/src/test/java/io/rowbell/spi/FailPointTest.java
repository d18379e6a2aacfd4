package io.rowbell.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailPointTest {
  /** Passes each fail point three times and says so. */
  static final class Passer {
    private Passer() {}

    public static void main(String[] args) {
      for (int i = 1; i <= 3; i++) {
        for (FailPoint point : FailPoint.values()) {
          try {
            point.pass();
          } catch (IllegalStateException | OutOfMemoryError e) {
            System.out.println(i + " " + e.getMessage());
          }
        }
      }
      System.out.println("passed all");
    }
  }

  private static String run(int status, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.add(Passer.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .put(
            "CLASSPATH",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isEqualTo(status);
    return output;
  }

  @Test
  void nothingHappensUnlessAskedFor() throws Exception {
    assertThat(run(0)).isEqualToIgnoringNewLines("passed all");
  }

  @Test
  void oneIsReachedAtTheAskedPassingOnly() throws Exception {
    assertThat(run(0, FailPoint.APPENDED.option("throw@2"), FailPoint.MARKED.option("print")))
        .isEqualToIgnoringNewLines(
            """
            failpoint stream.marked reached
            failpoint journal.appended reached
            2 failpoint journal.appended
            passed all
            """);
    assertThat(run(0, FailPoint.ROW.option("oom@2+")))
        .isEqualToIgnoringNewLines(
            """
            failpoint stream.row reached
            2 failpoint stream.row
            failpoint stream.row reached
            3 failpoint stream.row
            passed all
            """);
  }

  @Test
  void aHaltEndsTheProcessAtOnce() throws Exception {
    assertThat(run(FailPoint.HALTED, FailPoint.APPENDED.option("halt@3")))
        .isEqualToIgnoringNewLines("failpoint journal.appended reached\n");
  }

  @Test
  void whatIsNoFailPointOrNoOrderIsRefused() throws Exception {
    assertThat(run(1, "-Drowbell.failpoint.nowhere=halt"))
        .contains("there is no fail point 'nowhere'");
    assertThatThrownBy(() -> FailPoint.APPENDED.option("stop"))
        .hasMessageContaining("cannot do 'stop'");
  }
}
