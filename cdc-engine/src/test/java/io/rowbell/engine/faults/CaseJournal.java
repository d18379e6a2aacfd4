package io.rowbell.engine.faults;

import io.rowbell.engine.config.EngineConfig;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.Position;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.testkit.JournalEvent;
import io.rowbell.testkit.JournalEvents;
import io.rowbell.testkit.KafkaOperator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The journal of a case, looked at from outside while an engine has it. */
final class CaseJournal {
  private final JournalKind kind;
  private final EngineConfig config;
  private final Path file;
  private final Map<String, JournalEvent> wiped = new LinkedHashMap<>();

  /**
   * @param file if it is one
   */
  CaseJournal(JournalKind kind, EngineConfig config, Path file) {
    this.kind = kind;
    this.config = config;
    this.file = file;
  }

  /** The topic of the ledger's events, if there are topics. */
  static String topic(String pipeline) {
    return pipeline + ".events";
  }

  /** Deletes it; its events count on, those that come again once. */
  void wipe() throws SQLException, IOException {
    held().forEach(event -> wiped.put(event.id(), event));
    if (kind == JournalKind.KAFKA) {
      try (KafkaOperator operator = new KafkaOperator(FaultServers.broker())) {
        operator.deleteTopics(config.name() + ".");
      }
    } else {
      for (String part : List.of("", "-wal", "-shm")) {
        Files.deleteIfExists(Path.of(file + part));
      }
    }
  }

  /** What is in it now, and was before it was wiped. */
  List<JournalEvent> events() throws SQLException {
    if (wiped.isEmpty()) {
      return held();
    }
    Map<String, JournalEvent> all = new LinkedHashMap<>(wiped);
    held().forEach(event -> all.putIfAbsent(event.id(), event));
    return List.copyOf(all.values());
  }

  private List<JournalEvent> held() throws SQLException {
    return events(topic(config.name()));
  }

  /**
   * What is in it now.
   *
   * @param topic of these, if it has topics
   */
  List<JournalEvent> events(String topic) throws SQLException {
    return kind == JournalKind.SQLITE
        ? JournalEvents.ofFile(file)
        : JournalEvents.ofTopics(FaultServers.broker().directBootstrapServers(), List.of(topic));
  }

  /** Its dead letters that are open. */
  List<DeadLetter> deadLetters() throws JournalException, InterruptedException {
    return config.journal().listDeadLetters(config.context(), letter -> true, 1_000);
  }

  /** What it holds; empty if nothing yet. */
  Optional<Position> durable() throws JournalException, InterruptedException {
    return checkpoint().map(Checkpoint::position);
  }

  /** How far it is, inside a transaction too; empty if nothing is in it yet. */
  Optional<Checkpoint> checkpoint() throws JournalException, InterruptedException {
    return config.journal().peek(config.context()).map(Resume::checkpoint);
  }
}
