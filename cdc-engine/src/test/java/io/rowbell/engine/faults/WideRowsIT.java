package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.ExitCode;
import io.rowbell.model.DeadLetter;
import io.rowbell.testkit.JournalEvent;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows with values of 64 MB, within the heap that the launcher gives. */
class WideRowsIT {
  private static final String HEAP = "-Xmx256m";
  private static final String LARGER_HEAP = "-Xmx640m";
  private static final int WIDE = 64 << 20;

  /** What a rule may read within {@link #HEAP}; an event has 32 MiB at most. */
  private static final int READABLE = 30 << 20;

  private static final String TABLES =
      """
      CREATE TABLE docs (id int PRIMARY KEY, title text, body text, raw bytea, extra jsonb);
      CREATE TABLE letters (id int PRIMARY KEY, body text);
      ALTER TABLE docs REPLICA IDENTITY FULL
      """;

  private static final String RULES =
      """
      - event: DocSaved
        on: insert or update docs
        to: PIPELINE.docs
        key: string(id)
        data: {id, title}
      - event: LetterWritten
        on: insert letters
        to: PIPELINE.docs
        key: string(id)
        data: {id, body}
      """;

  @TempDir private Path directory;

  private FaultCase begin(String number, JournalKind journal) throws Exception {
    FaultCase fault =
        FaultCase.begin(number, journal, directory, CaseSettings.USUAL.triggers(RULES), TABLES);
    fault.workload(fault.gentleLoad());
    return fault;
  }

  @Test
  @DisplayName("values of 64 MB that no rule reads: they are left out, and all goes on")
  void wideValuesThatNoRuleReads() throws Exception {
    try (FaultCase fault = begin("WIDE", JournalKind.SQLITE);
        EngineProcess engine = fault.engine(HEAP)) {
      engine.awaitReady();
      fault
          .postgres()
          .execute(
              fault.database(),
              """
              INSERT INTO docs VALUES (1, 'text', repeat('x', %1$d));
              INSERT INTO docs VALUES (2, 'bytea', NULL, convert_to(repeat('x', %1$d), 'UTF8'));
              INSERT INTO docs VALUES (3, 'jsonb', NULL, NULL, to_jsonb(repeat('x', %1$d)));
              INSERT INTO docs SELECT n, 'several', repeat('x', %1$d) FROM generate_series(4, 6) n;
              UPDATE docs SET title = 'the old row is logged' WHERE id = 1
              """
                  .formatted(WIDE));
      fault.passed();
      fault.recovered(fault.awaitProgress(engine));
      fault.verify(engine);
      assertThat(saved(fault)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 1L);
      assertThat(fault.journal().deadLetters()).isEmpty();
    }
  }

  private static Stream<JournalKind> journals() {
    return FaultOptions.LONG ? Stream.of(JournalKind.values()) : Stream.of(JournalKind.SQLITE);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("journals")
  @DisplayName("a value of 64 MB that a rule reads: told before memory is used up, nothing is lost")
  void wideValuesThatARuleReads(JournalKind journal) throws Exception {
    try (FaultCase fault = begin("WIDEREAD", journal)) {
      try (EngineProcess engine = fault.engine(HEAP)) {
        engine.awaitReady();
        write(fault, 1, READABLE);
        fault.awaitProgress(engine);
        write(fault, 2, WIDE);
        engine.awaitEnd(ExitCode.CONFIGURATION, "cannot be read within a heap of 2", "-Xmx");
        fault.injected();
      }
      try (EngineProcess engine = fault.engine(LARGER_HEAP)) {
        engine.awaitReady();
        fault.verify(engine);
      }
      // An event of 64 MB is too large by itself; a topic takes none of the other either.
      boolean bothTooLarge = journal == JournalKind.KAFKA;
      assertThat(saved(fault)).isEqualTo(bothTooLarge ? List.of() : List.of(1L));
      assertThat(fault.journal().deadLetters())
          .extracting(DeadLetter::code)
          .isEqualTo(bothTooLarge ? List.of("X402", "X402") : List.of("X402"));
    }
  }

  private static void write(FaultCase fault, int id, int bytes) throws Exception {
    fault
        .postgres()
        .execute(
            fault.database(),
            "INSERT INTO letters VALUES (%d, repeat('x', %d))".formatted(id, bytes));
  }

  private static List<Long> saved(FaultCase fault) throws Exception {
    return fault.journal().events(fault.database() + ".docs").stream()
        .filter(event -> event.type().equals("DocSaved") || event.type().equals("LetterWritten"))
        .map((JournalEvent event) -> event.number("id"))
        .toList();
  }
}
