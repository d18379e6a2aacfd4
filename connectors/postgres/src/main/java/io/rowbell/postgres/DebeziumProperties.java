package io.rowbell.postgres;

import io.rowbell.spi.InvalidSettingException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/** How the embedded engine is set up, each with the reason where it is not Debezium's default. */
final class DebeziumProperties {
  /**
   * What the configuration's {@code debezium} section may say. Everything else is ours: it decides
   * whether rows are lost, or it acts on rows, which Debezium never sees here.
   */
  private static final Set<String> OPEN =
      new TreeSet<>(
          Set.of(
              "slot.stream.params",
              "status.update.interval.ms",
              "lsn.flush.timeout.ms",
              "connection.validation.timeout.ms",
              "executor.shutdown.timeout.ms",
              "task.management.timeout.ms",
              "offset.flush.timeout.ms"));

  private DebeziumProperties() {}

  /**
   * Checks the configuration's {@code debezium} section.
   *
   * @throws InvalidSettingException if it has a key that is ours
   */
  static void check(Map<String, String> passThrough) {
    passThrough
        .keySet()
        .forEach(
            key -> {
              if (!OPEN.contains(key)) {
                throw new InvalidSettingException(
                    key,
                    "debezium."
                        + key
                        + " cannot be set here: rows do not pass through Debezium's own pipeline, and"
                        + " what decides about positions is fixed; these can be set: "
                        + String.join(", ", OPEN));
              }
            });
  }

  /** The engine's properties for one run. */
  static Properties of(
      PostgresSettings settings,
      String pipeline,
      String slot,
      String publication,
      String run,
      Map<String, String> passThrough) {
    Properties properties = new Properties();
    properties.putAll(
        Map.of(
            "name", "rowbell",
            "topic.prefix", "rowbell",
            "connector.class", "io.debezium.connector.postgresql.PostgresConnector",
            "plugin.name", "pgoutput",
            "slot.name", slot,
            // Stands in a query of Debezium's between single quotes.
            "publication.name", publication.replace("'", "''"),
            "publication.autocreate.mode", "disabled",
            "snapshot.mode", "no_data",
            // No table is Debezium's business: it reads no schemas.
            "table.include.list", "rowbell_none.none"));
    connections(properties, settings, pipeline, run);
    positions(properties, settings.stallTimeout(), run);
    properties.putAll(
        Map.of(
            // A block travels at once: batches are made before Debezium, see TappedStream.
            "max.batch.size", "1",
            "max.queue.size", "16",
            "binary.handling.mode", "bytes",
            "provide.transaction.metadata", "false",
            "statistics.metrics.enabled", "false",
            "record.processing.threads", "1",
            "tombstones.on.delete", "false"));
    properties.putAll(passThrough);
    return properties;
  }

  private static void connections(
      Properties properties, PostgresSettings settings, String pipeline, String run) {
    properties.putAll(
        Map.of(
            "database.connection.factory.class",
            TappedConnections.class.getName(),
            "database." + TappedConnections.RUN,
            run,
            "database.hostname",
            settings.hostName(),
            "database.port",
            Integer.toString(settings.port()),
            "database.dbname",
            settings.database(),
            "database.user",
            settings.user(),
            // Debezium logs it at DEBUG, so it never gets it: TappedConnections logs in.
            "database.password",
            "not-the-password",
            "custom.metric.tags",
            "pipeline=" + pipeline));
  }

  private static void positions(Properties properties, Duration patience, String run) {
    properties.putAll(
        Map.of(
            "offset.storage",
            DurablePosition.class.getName(),
            DurablePosition.RUN,
            run,
            // With connector_and_driver the slot runs past what is durable.
            "lsn.flush.mode",
            "connector",
            "lsn.flush.timeout.action",
            "fail",
            // Validation and seeking are ours: each of the strategies loses rows in some case.
            "offset.mismatch.strategy",
            "no_validation",
            // Every retry is ours, because the checks come before every start.
            "errors.max.retries",
            "0",
            "slot.max.retries",
            "0",
            "lsn.flush.timeout.ms",
            Long.toString(patience.toMillis())));
    // Asks the server for a sign of life, and is one.
    properties.put(
        "status.update.interval.ms", Long.toString(Math.min(5_000, patience.toMillis() / 3)));
  }
}
