package io.rowbell.examples.benchmarks;

import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.PostgresServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The peer: Debezium Server into Kafka, of its own distribution, on the same Java with the same
 * heap. It sends the same columns of the same rows as the rule of {@code rowbell run}, as JSON
 * without schemas.
 */
final class DebeziumServer {
  private final Path home;

  /**
   * @param home its unpacked distribution
   */
  DebeziumServer(Path home) {
    this.home = home;
  }

  /**
   * A reader.
   *
   * @param filtered whether its filter, in Groovy, lets only each hundredth update pass
   */
  Reader reader(String bootstrapServers, boolean filtered) {
    return Reader.of(
        "Debezium Server, kafka, " + (filtered ? "1 % (Groovy filter)" : "100 %"),
        (server, slot, directory) -> {
          configure(
              directory,
              server,
              Workload.DATABASE,
              slot,
              bootstrapServers,
              """
              debezium.source.publication.name=%s
              debezium.source.skipped.operations=c,d,t
              debezium.source.column.include.list=public.accounts.id,public.accounts.owner,public.accounts.balance,public.accounts.level
              """
                      .formatted(Workload.PUBLICATION)
                  + (filtered
                      ? """
                        debezium.transforms=filter,unwrap
                        debezium.transforms.filter.type=io.debezium.transforms.Filter
                        debezium.transforms.filter.language=jsr223.groovy
                        debezium.transforms.filter.topic.regex=.*accounts
                        debezium.transforms.filter.condition=value.after.level == 0
                        """
                      : "debezium.transforms=unwrap\n")
                  + "debezium.transforms.unwrap.type=io.debezium.transforms.ExtractNewRecordState\n");
          return command();
        });
  }

  /** A broker that makes topics by itself, as the peer expects. */
  static KafkaBroker broker() {
    return KafkaBroker.with("auto.create.topics.enable", "true").start();
  }

  /** The command that runs it in a directory with its configuration. */
  List<String> command() throws IOException {
    List<String> jars;
    try (Stream<Path> files = Files.list(home)) {
      jars =
          files.map(Path::toString).filter(file -> file.endsWith("-runner.jar")).limit(1).toList();
    }
    if (jars.isEmpty()) {
      throw new IOException("there is no Debezium Server in " + home);
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-Xmx1g",
        // What its threads want of a Java from 24 on.
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "-cp",
        String.join(
            File.pathSeparator,
            jars.get(0),
            home.resolve("lib") + "/*",
            home.resolve("lib_opt") + "/*"),
        "io.debezium.server.Main");
  }

  /**
   * Writes its configuration.
   *
   * @param more further properties, a line each
   */
  static void configure(
      Path directory,
      PostgresServer server,
      String database,
      String slot,
      String bootstrapServers,
      String more)
      throws IOException {
    Path config = Files.createDirectories(directory.resolve("config"));
    Files.writeString(
        config.resolve("application.properties"),
        """
        quarkus.http.host=127.0.0.1
        quarkus.http.port=0
        quarkus.log.level=WARN
        debezium.sink.type=kafka
        debezium.sink.kafka.producer.bootstrap.servers=%1$s
        debezium.sink.kafka.producer.key.serializer=org.apache.kafka.common.serialization.StringSerializer
        debezium.sink.kafka.producer.value.serializer=org.apache.kafka.common.serialization.StringSerializer
        debezium.format.key=json
        debezium.format.value=json
        debezium.format.key.schemas.enable=false
        debezium.format.value.schemas.enable=false
        debezium.source.connector.class=io.debezium.connector.postgresql.PostgresConnector
        debezium.source.offset.storage.file.filename=%2$s
        debezium.source.offset.flush.interval.ms=100
        debezium.source.topic.prefix=%3$s
        debezium.source.plugin.name=pgoutput
        debezium.source.snapshot.mode=no_data
        debezium.source.publication.autocreate.mode=disabled
        debezium.source.decimal.handling.mode=string
        debezium.source.database.hostname=%4$s
        debezium.source.database.port=%5$d
        debezium.source.database.dbname=%6$s
        debezium.source.database.user=%7$s
        debezium.source.database.password=%8$s
        debezium.source.slot.name=%3$s
        %9$s"""
            .formatted(
                bootstrapServers,
                directory.resolve("offsets.dat"),
                slot,
                server.host(),
                server.port(),
                database,
                server.user(),
                server.password(),
                more));
  }
}
