package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Events that a subscriber has yet to take and that no heap holds together. */
class LargeBacklogsIT {
  /** Half of what the launcher gives, so that less does not fit. */
  private static final String HEAP = "-Xmx128m";

  private static final int BACKLOG_BYTES = 160 << 20;
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int KEYS = 4;

  private static final String TABLES = "CREATE TABLE docs (id int PRIMARY KEY, body text)";

  private static final String RULES =
      """
      - event: DocSaved
        on: insert docs
        to: PIPELINE.docs
        key: string(id %% %d)
        data: {id, body}
      """
          .formatted(KEYS);

  private static final String SUBSCRIBERS =
      """
      subscribers:
        - name: audit
          events: [DocSaved]
          handler: %s
          retry: {attempts: 1000, delay: 200ms, max-delay: 1s}
      """
          .formatted(GatedHandler.class.getName());

  @TempDir private Path directory;

  private static Stream<JournalKind> journals() {
    return FaultOptions.LONG ? Stream.of(JournalKind.values()) : Stream.of(JournalKind.SQLITE);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("journals")
  @DisplayName("more than the heap, after a pause and while the destination fails")
  void aBacklogLargerThanTheHeap(JournalKind journal) throws Exception {
    // A topic takes no larger ones.
    int bytes = journal == JournalKind.KAFKA ? 900_000 : 2 << 20;
    int events = BACKLOG_BYTES / bytes;
    CaseSettings settings = CaseSettings.USUAL.triggers(RULES).sections(SUBSCRIBERS);
    try (FaultCase fault = FaultCase.begin("BACKLOG", journal, directory, settings, TABLES);
        EngineProcess engine = fault.engine(HEAP)) {
      engine.awaitReady();
      fault.caughtUpWithin(SOON);
      fault.rowbell("subscribers", "pause", "audit");
      write(fault, 1, events, bytes);
      fault.awaitProgress(engine, SOON);
      assertThat(GatedHandler.delivered(directory)).isEmpty();
      fault.rowbell("subscribers", "resume", "audit");
      awaitDelivered(engine, events);

      GatedHandler.close(directory);
      write(fault, events + 1, 2 * events, bytes);
      fault.awaitProgress(engine, SOON);
      awaitFailures(engine, 3 * KEYS);
      assertThat(GatedHandler.delivered(directory)).hasSize(events);
      GatedHandler.open(directory);
      awaitDelivered(engine, 2 * events);
      assertThat(fault.journal().deadLetters()).isEmpty();
    }
  }

  private static void write(FaultCase fault, int first, int last, int bytes) throws Exception {
    fault
        .postgres()
        .execute(
            fault.database(),
            "INSERT INTO docs SELECT n, repeat('x', %d) FROM generate_series(%d, %d) n"
                .formatted(bytes, first, last));
  }

  private static void awaitFailures(EngineProcess engine, int failures) {
    Awaitility.await()
        .atMost(SOON)
        .until(
            () ->
                Scrape.of(engine.get("/metrics")).value("rowbell_subscriber_failed_total")
                    >= failures);
  }

  /** Each once, and those of a key in order. */
  private void awaitDelivered(EngineProcess engine, int last) throws IOException {
    Awaitility.await()
        .atMost(SOON)
        .until(() -> !engine.running() || GatedHandler.delivered(directory).size() >= last);
    engine.requireRunning();
    List<String> delivered = GatedHandler.delivered(directory);
    assertThat(delivered).hasSize(last);
    for (int key = 0; key < KEYS; key++) {
      int of = key;
      assertThat(delivered.stream().filter(line -> line.startsWith(of + "\t")))
          .containsExactlyElementsOf(
              IntStream.rangeClosed(1, last)
                  .filter(id -> id % KEYS == of)
                  .mapToObj(id -> "%d\t{\"id\":%d".formatted(of, id))
                  .toList());
    }
  }
}
