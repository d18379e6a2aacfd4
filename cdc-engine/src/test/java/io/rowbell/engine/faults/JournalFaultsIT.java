package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rowbell.engine.ExitCode;
import io.rowbell.spi.FailPoint;
import io.rowbell.testkit.KafkaOperator;
import io.rowbell.testkit.LedgerWorkload;
import io.rowbell.testkit.SmallDisk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The journal is deleted, damaged or exchanged, or has no room. The room of a broker is its own:
 * one whose disk is full ends, as one that is killed does.
 */
class JournalFaultsIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int SOME_COMMITS = 15;

  private static final int DISK = 12 << 20;

  /** Under which key the state topic has the position. */
  private static final String CHECKPOINT = "checkpoint";

  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F25 the journal is deleted: the next one begins where the slot is")
  void f25JournalWiped(JournalKind journal) throws Exception {
    try (FaultCase fault = FaultCase.begin("F25wiped", journal, directory)) {
      fault.workload(fault.gentleLoad());
      // What was appended last is not confirmed: it comes again, with the same ids.
      fault.halt(FailPoint.APPENDED, 3);
      fault.wipeJournal();
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }

  @Test
  @DisplayName("F25 an old copy of the journal, one from the future, damaged ones: all are refused")
  void f25JournalExchanged() throws Exception {
    try (FaultCase fault = FaultCase.begin("F25", JournalKind.SQLITE, directory)) {
      Path journal = fault.journalFile();
      Path old = directory.resolve("old.db");
      Path newest = directory.resolve("newest.db");
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      run(fault, load);
      Files.copy(journal, old);
      run(fault, load);
      fault.watchNoLonger();
      Files.copy(journal, newest);

      put(old, journal);
      fault.refused(ExitCode.POSITION_MISMATCH, "E241", "ahead of the journal");

      put(newest, journal);
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + journal);
          Statement statement = connection.createStatement()) {
        statement.execute("UPDATE journal SET position = 'FFFF/0'");
      }
      fault.refused(ExitCode.POSITION_MISMATCH, "E242");

      put(newest, journal);
      overwrite(journal, 0, 100, (byte) 'x');
      fault.refused(ExitCode.DESTINATION_FATAL, journal.getFileName().toString());

      put(newest, journal);
      try (RandomAccessFile file = new RandomAccessFile(journal.toFile(), "rw")) {
        file.setLength(file.length() / 2);
      }
      fault.refused(ExitCode.DESTINATION_FATAL, journal.getFileName().toString());

      put(newest, journal);
      overwrite(journal, Files.size(journal) / 2, Files.size(journal), (byte) 0);
      fault.refused(ExitCode.DESTINATION_FATAL, journal.getFileName().toString());

      put(newest, journal);
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }

  @Test
  @DisplayName("F25 an old position in the state topic, one from the future, others' records")
  void f25StateExchanged() throws Exception {
    try (FaultCase fault = FaultCase.begin("F25", JournalKind.KAFKA, directory);
        KafkaOperator operator = new KafkaOperator(FaultServers.broker())) {
      String state = fault.database() + ".state";
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      run(fault, load);
      String old = operator.valueOf(state, CHECKPOINT);
      run(fault, load);
      fault.watchNoLonger();
      String newest = operator.valueOf(state, CHECKPOINT);

      operator.put(state, CHECKPOINT, old);
      fault.refused(ExitCode.POSITION_MISMATCH, "E241", "ahead of the journal");

      operator.put(state, CHECKPOINT, newest.replaceFirst(" \\S+ ", " FFFF/0 "));
      fault.refused(ExitCode.POSITION_MISMATCH, "E242");

      operator.put(state, CHECKPOINT, "somewhere");
      fault.refused(ExitCode.DESTINATION_FATAL, state);

      operator.put(state, CHECKPOINT, newest);
      operator.put(state, "of-somebody-else", "here");
      fault.refused(ExitCode.DESTINATION_FATAL, state, "of-somebody-else");
      operator.put(state, "of-somebody-else", null);

      operator.put(state, "writer", "2 of-a-later-version");
      fault.refused(ExitCode.DESTINATION_FATAL, state, "its format is 2");
      operator.put(state, "writer", null);

      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }

  /** Runs an engine under load, and ends it in good order. */
  private static void run(FaultCase fault, LedgerWorkload load) throws Exception {
    try (EngineProcess engine = fault.engine()) {
      engine.awaitReady();
      load.awaitCommits(SOME_COMMITS);
      engine.process().terminate();
      assertThat(engine.process().awaitExit(SOON)).as(engine.output()).isZero();
    }
  }

  /** Exchanges the journal, whoever has left parts of the one before. */
  private static void put(Path copy, Path journal) throws IOException {
    Files.deleteIfExists(Path.of(journal + "-wal"));
    Files.deleteIfExists(Path.of(journal + "-shm"));
    Files.copy(copy, journal, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void overwrite(Path journal, long from, long to, byte with) throws IOException {
    byte[] bytes = Files.readAllBytes(journal);
    java.util.Arrays.fill(bytes, Math.toIntExact(from), Math.toIntExact(to), with);
    Files.write(journal, bytes);
  }

  @Test
  @DisplayName("F25 the disk is full: the engine waits, says why, and goes on when there is room")
  void f25DiskFull() throws Exception {
    Optional<SmallDisk> mounted = SmallDisk.mount(directory.resolve("disk"), DISK);
    assumeTrue(mounted.isPresent(), "only root may mount a small disk");
    try (SmallDisk disk = mounted.orElseThrow();
        FaultCase fault = FaultCase.begin("F25full", JournalKind.SQLITE, disk.path())) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        load.awaitCommits(SOME_COMMITS);
        disk.fill();
        fault.injected();
        engine.awaitUnready(Promised.STALL);
        assertThat(engine.get("/ready")).contains("journal.db", "no room");
        load.awaitCommits(SOME_COMMITS);
        disk.free();
        fault.healed();
        long began = System.nanoTime();
        engine.awaitReady();
        fault.recovered(Duration.ofNanos(System.nanoTime() - began));
        fault.verify(engine);
      }
    }
  }
}
