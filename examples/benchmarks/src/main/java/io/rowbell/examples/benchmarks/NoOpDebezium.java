package io.rowbell.examples.benchmarks;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * The peer: a Debezium engine with its defaults, whose handler does nothing. Runs until it is
 * killed.
 */
public final class NoOpDebezium {
  private NoOpDebezium() {}

  /**
   * Follows a slot.
   *
   * @param args host, port, database, user, password, slot, publication
   */
  public static void main(String[] args) {
    Properties properties = new Properties();
    properties.setProperty("name", "no-op");
    properties.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
    properties.setProperty(
        "offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
    properties.setProperty("offset.flush.interval.ms", "100");
    properties.setProperty("topic.prefix", "bench");
    properties.setProperty("plugin.name", "pgoutput");
    properties.setProperty("snapshot.mode", "no_data");
    properties.setProperty("publication.autocreate.mode", "disabled");
    properties.setProperty("database.hostname", args[0]);
    properties.setProperty("database.port", args[1]);
    properties.setProperty("database.dbname", args[2]);
    properties.setProperty("database.user", args[3]);
    properties.setProperty("database.password", args[4]);
    properties.setProperty("slot.name", args[5]);
    properties.setProperty("publication.name", args[6]);
    try (DebeziumEngine<RecordChangeEvent<SourceRecord>> engine =
        DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
            .using(properties)
            .notifying(NoOpDebezium::ignore)
            .build()) {
      engine.run();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void ignore(
      List<RecordChangeEvent<SourceRecord>> records,
      DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
      throws InterruptedException {
    for (RecordChangeEvent<SourceRecord> record : records) {
      committer.markProcessed(record);
    }
    committer.markBatchFinished();
  }
}
