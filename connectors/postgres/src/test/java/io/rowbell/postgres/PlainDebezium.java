package io.rowbell.postgres;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.spi.OffsetCommitPolicy;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Debezium as it comes, which keeps its own offsets in a file and resumes from them: each row of
 * the ledger becomes a line of a file before the offsets are kept. What the harness must be able to
 * see is what this loses.
 */
public final class PlainDebezium {
  private final FileOutputStream journal;
  private final int haltAt;
  private int rows;

  private PlainDebezium(FileOutputStream journal, int haltAt) {
    this.journal = journal;
    this.haltAt = haltAt;
  }

  /**
   * Follows until it is killed.
   *
   * @param args host, port, user, password, database, its slot and publication; the file of
   *     offsets; the file of rows; after how many rows to halt, 0 for never
   */
  public static void main(String[] args) throws IOException {
    try (FileOutputStream journal = new FileOutputStream(args[6], true)) {
      PlainDebezium plain = new PlainDebezium(journal, Integer.parseInt(args[7]));
      DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
          .using(properties(args))
          .using(OffsetCommitPolicy.always())
          .using(
              (success, message, error) -> {
                System.out.println("ended: " + message + " " + error);
              })
          .notifying(plain::pass)
          .build()
          .run();
    }
  }

  private static Properties properties(String[] args) {
    Properties properties = new Properties();
    properties.putAll(
        Map.of(
            "name", "plain",
            "topic.prefix", "plain",
            "connector.class", "io.debezium.connector.postgresql.PostgresConnector",
            "plugin.name", "pgoutput",
            "slot.name", args[4],
            "publication.name", args[4],
            "publication.autocreate.mode", "disabled",
            "snapshot.mode", "no_data",
            "table.include.list", "public.ledger"));
    properties.putAll(
        Map.of(
            "database.hostname", args[0],
            "database.port", args[1],
            "database.user", args[2],
            "database.password", args[3],
            "database.dbname", args[4],
            "offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore",
            "offset.storage.file.filename", args[5],
            "offset.flush.interval.ms", "0",
            // Ends within the rows of one page, which share a position.
            "max.batch.size", "64",
            "max.queue.size", "128"));
    return properties;
  }

  private void pass(
      List<RecordChangeEvent<SourceRecord>> records,
      RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
      throws InterruptedException {
    for (RecordChangeEvent<SourceRecord> record : records) {
      if (record.record().value() instanceof Struct value
          && value.schema().field("after") != null) {
        write(value.getStruct("after"));
      }
      committer.markProcessed(record);
    }
    committer.markBatchFinished();
    if (haltAt > 0 && rows >= haltAt) {
      Runtime.getRuntime().halt(0);
    }
  }

  private void write(Struct row) {
    rows++;
    try {
      journal.write((row.getInt64("id") + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
