package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.FailPoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that are too large for the journal, and rows that a rule cannot evaluate. */
class BadRowsIT {
  private static final String TABLE =
      """
      CREATE TABLE notes (id int PRIMARY KEY, account int NOT NULL, body text NOT NULL, share int NOT NULL)
      """;

  private static final String RULE =
      """
      - event: Noted
        on: insert notes
        to: PIPELINE.notes
        key: string(account)
        when: 100 / share > 0
        data: {id, account, body}
      """;

  private static final int ROWS = 9;
  private static final int LARGE = 4;
  private static final int FAILING = 6;

  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F15 a row of 2 MB, and a rule that fails")
  void f15BadRows(JournalKind journal) throws Exception {
    FailPoint inside =
        journal == JournalKind.SQLITE ? FailPoint.SQLITE_WRITTEN : FailPoint.KAFKA_SENT;
    try (FaultCase fault =
        FaultCase.begin("F15", journal, directory, CaseSettings.USUAL.triggers(RULE), TABLE)) {
      fault.workload(fault.gentleLoad());
      fault.haltUnseen(inside, 3);
      for (int id = 1; id <= ROWS; id++) {
        fault
            .postgres()
            .execute(
                fault.database(),
                "INSERT INTO notes VALUES (%d, 7, repeat('x', %d), %d)"
                    .formatted(id, id == LARGE ? 2_000_000 : 10, id == FAILING ? 0 : 1));
      }
      // Again: what is in the open transaction by now, dead letters too, must not be there twice.
      fault.haltUnseen(inside, 1);
      fault.haltUnseen(FailPoint.APPENDED, 2);
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
      // A file takes rows of any size; a topic, of max.message.bytes.
      boolean tooLarge = journal == JournalKind.KAFKA;
      List<Long> noted = new ArrayList<>();
      for (long id = 1; id <= ROWS; id++) {
        if (id != FAILING && (id != LARGE || !tooLarge)) {
          noted.add(id);
        }
      }
      assertThat(fault.journal().events(fault.database() + ".notes"))
          .filteredOn(event -> event.type().equals("Noted"))
          .extracting(event -> event.number("id"))
          .containsExactlyElementsOf(noted);
      assertThat(fault.journal().deadLetters())
          .extracting(DeadLetter::code)
          .containsExactlyElementsOf(tooLarge ? List.of("X402", "X404") : List.of("X404"));
    }
  }
}
