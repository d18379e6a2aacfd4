package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.ExitCode;
import io.rowbell.engine.cli.Main;
import io.rowbell.spi.FailPoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A part of the process dies or hangs: all of it ends. */
@Timeout(300)
class DeathsIT {
  private static final Duration BOOT = Duration.ofSeconds(60);

  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F27 no memory is left, in the pipeline's thread, in the one that polls, anywhere")
  void f27OutOfMemory(JournalKind journal) throws Exception {
    try (FaultCase fault = FaultCase.begin("F27", journal, directory)) {
      fault.workload(fault.gentleLoad());
      // The pipeline's thread, and the one that polls.
      for (FailPoint place : List.of(FailPoint.BEFORE_APPEND, FailPoint.CONFIRMING)) {
        try (EngineProcess engine = fault.engine(place.option("oom@3"))) {
          engine.awaitWait(place);
          assertThat(engine.process().awaitExit(Promised.GONE))
              .as(engine.output())
              .isEqualTo(ExitCode.INTERNAL.code());
          fault.injected();
        }
      }
      try (EngineProcess engine = fault.engine(Gluttony.class)) {
        String unused = engine.process().awaitLine("takes all there is", BOOT);
        assertThat(engine.process().awaitExit(Promised.GONE.multipliedBy(2)))
            .as(engine.output())
            .isNotZero();
        fault.injected();
      }
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F27 no memory is left in a subscriber's thread, while another's delivery hangs")
  void f27OutOfMemoryInASubscriber(JournalKind journal) throws Exception {
    CaseSettings settings =
        CaseSettings.USUAL.sections(
            "subscribers: [{name: one, handler: %1$s}, {name: two, handler: %1$s}]"
                .formatted(HangingHandler.class.getName()));
    try (FaultCase fault = FaultCase.begin("F27S", journal, directory, settings);
        EngineProcess engine = fault.engine(FailPoint.SUBSCRIBER_COMMIT.option("oom"))) {
      fault.workload(fault.gentleLoad());
      engine.awaitWait(FailPoint.SUBSCRIBER_COMMIT);
      assertThat(engine.process().awaitExit(Promised.GONE.plus(Promised.BUSY_MACHINE)))
          .as(engine.output())
          .isEqualTo(ExitCode.INTERNAL.code());
      assertThat(engine.output()).contains("OutOfMemoryError: failpoint subscriber.commit");
    }
  }

  /** An engine in a process in which something else takes all memory. */
  static final class Gluttony {
    private static final List<byte[]> TAKEN = new ArrayList<>();

    private Gluttony() {}

    public static void main(String[] args) {
      Thread glutton =
          new Thread(
              () -> {
                System.err.println("takes all there is");
                while (true) {
                  TAKEN.add(new byte[1 << 20]);
                }
              });
      glutton.setDaemon(true);
      glutton.start();
      Main.main(args);
    }
  }

  @Test
  @DisplayName("an append that never returns: not ready, told where, ended")
  void aHangingAppendIsNoticed() throws Exception {
    try (FaultCase fault =
        FaultCase.begin(
            "HANG",
            JournalKind.SQLITE,
            directory,
            CaseSettings.USUAL.sections("watchdog: {tell-after: 2s, end-after: 14s}"))) {
      fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine(FailPoint.BEFORE_APPEND.option("wait@3"))) {
        engine.awaitWait(FailPoint.BEFORE_APPEND);
        fault.injected();
        String unused = engine.process().awaitLine("at one piece of work for 2 s", Promised.GONE);
        assertThat(engine.output())
            .contains("io.rowbell.spi.FailPoint.pass(", "io.rowbell.engine.Pipeline.handle(");
        engine.awaitUnready(Duration.ofSeconds(12));
        assertThat(engine.process().awaitExit(Duration.ofSeconds(14)))
            .as(engine.output())
            .isEqualTo(ExitCode.HUNG.code());
        assertThat(engine.output()).contains("watchdog.end-after");
      }
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }
}
