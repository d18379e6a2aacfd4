package io.rowbell.postgres;

import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.postgresql.replication.fluent.logical.ChainedLogicalStreamBuilder;

/** Passes on how Debezium opens the stream, quotes the publication's name, and wraps the result. */
final class TappedStreamBuilder implements ChainedLogicalStreamBuilder {
  /** Wraps a stream that was opened. */
  @FunctionalInterface
  interface Wrapper {
    PGReplicationStream wrap(PGReplicationStream stream) throws SQLException;
  }

  private final ChainedLogicalStreamBuilder builder;
  private final String publication;
  private final Wrapper wrapper;

  TappedStreamBuilder(ChainedLogicalStreamBuilder builder, String publication, Wrapper wrapper) {
    this.builder = builder;
    this.publication = publication;
    this.wrapper = wrapper;
  }

  @Override
  public PGReplicationStream start() throws SQLException {
    return wrapper.wrap(builder.start());
  }

  @Override
  public ChainedLogicalStreamBuilder withSlotOption(String name, boolean value) {
    builder.withSlotOption(name, value);
    return this;
  }

  @Override
  public ChainedLogicalStreamBuilder withSlotOption(String name, int value) {
    builder.withSlotOption(name, value);
    return this;
  }

  /** The server reads the publication as an SQL identifier: unquoted, it would be folded. */
  @Override
  public ChainedLogicalStreamBuilder withSlotOption(String name, String value) {
    builder.withSlotOption(name, name.equals("publication_names") ? quoted() : value);
    return this;
  }

  /** As an identifier, and that as a literal: the driver puts it between single quotes as it is. */
  private String quoted() {
    return SqlConnections.quoted(publication).replace("'", "''");
  }

  @Override
  public ChainedLogicalStreamBuilder withSlotOptions(Properties options) {
    builder.withSlotOptions(options);
    return this;
  }

  @Override
  public ChainedLogicalStreamBuilder withSlotName(String slotName) {
    builder.withSlotName(slotName);
    return this;
  }

  @Override
  public ChainedLogicalStreamBuilder withStatusInterval(int time, TimeUnit format) {
    builder.withStatusInterval(time, format);
    return this;
  }

  @Override
  public ChainedLogicalStreamBuilder withStartPosition(LogSequenceNumber lsn) {
    builder.withStartPosition(lsn);
    return this;
  }

  /** Never on: the driver would confirm what it has read, not what is durable. */
  @Override
  public ChainedLogicalStreamBuilder withAutomaticFlush(boolean automaticFlush) {
    builder.withAutomaticFlush(false);
    return this;
  }
}
