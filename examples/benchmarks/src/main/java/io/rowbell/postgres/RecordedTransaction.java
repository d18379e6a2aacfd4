package io.rowbell.postgres;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import io.rowbell.model.TableId;
import io.rowbell.spi.ByteSize;
import io.rowbell.spi.Secret;
import io.rowbell.spi.SourceException;
import io.rowbell.testkit.PostgresServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.postgresql.replication.LogSequenceNumber;

/**
 * A transaction of updates as the server sends it, to be decoded again and again without one. In
 * the adapter's package, as decoding is nobody else's business. Used by one thread.
 */
public final class RecordedTransaction {
  private static final String DATABASE = "recorded";
  private static final TableId TABLE = new TableId("public", "stocks");

  private final List<Message> messages = new ArrayList<>();
  private final ChangeAssembler assembler;
  private final Connection catalog;

  /** A message of pgoutput and where it stands. */
  private record Message(long lsn, ByteBuffer bytes) {}

  private RecordedTransaction(PostgresSettings settings, Connection connection)
      throws SourceException {
    this.catalog = connection;
    this.assembler =
        new ChangeAssembler(
            new Relations(new TypeRegistry(new SqlConnections(settings, DATABASE, Path.of("")))),
            Set.of(TABLE),
            Set.of(),
            StandardCharsets.UTF_8,
            settings,
            Checkpoint.at(new Position(1)),
            InstantSource.fixed(Instant.EPOCH),
            (content, at, changes, inTransaction) -> {});
  }

  /**
   * Writes it on a server, and reads how the log has it.
   *
   * @param rows how many it updates; old rows are logged whole
   */
  public static RecordedTransaction of(PostgresServer server, int rows)
      throws SQLException, SourceException {
    server.createDatabase(DATABASE);
    server.execute(
        DATABASE,
        """
        CREATE TABLE stocks (id bigint PRIMARY KEY, symbol text, price numeric(12,4), status text, updated timestamptz);
        ALTER TABLE stocks REPLICA IDENTITY FULL;
        INSERT INTO stocks SELECT n, 'SYM' || n, n + 0.25, 'OPEN', now() FROM generate_series(1, %d) n;
        CREATE PUBLICATION recorded FOR TABLE stocks;
        """
            .formatted(rows));
    server.execute(DATABASE, "SELECT pg_create_logical_replication_slot('recorded', 'pgoutput')");
    server.execute(DATABASE, "UPDATE stocks SET price = price * 1.01, updated = now()");
    try (Connection connection = server.connect(DATABASE)) {
      RecordedTransaction recorded = new RecordedTransaction(settings(server), connection);
      recorded.read(connection);
      return recorded;
    }
  }

  private static PostgresSettings settings(PostgresServer server) {
    return new PostgresSettings(
        server.host(),
        server.port(),
        DATABASE,
        server.user(),
        new Secret(server.password()),
        null,
        null,
        null,
        null,
        ByteSize.parse("64MiB"),
        1_000_000,
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        Duration.ofMinutes(10),
        Duration.ofSeconds(2),
        2000);
  }

  private void read(Connection connection) throws SQLException, SourceException {
    String sql =
        "SELECT lsn::text, data FROM pg_logical_slot_get_binary_changes("
            + "'recorded', NULL, NULL, 'proto_version', '1', 'publication_names', 'recorded')";
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        long lsn = LogSequenceNumber.valueOf(row.getString(1)).asLong();
        ByteBuffer bytes = ByteBuffer.wrap(row.getBytes(2));
        if (bytes.get(0) == WalMessages.RELATION) {
          // The table is looked up once; from then on nothing is asked.
          assembler.read(lsn, bytes, catalog);
        } else {
          messages.add(new Message(lsn, bytes));
        }
      }
    }
  }

  /**
   * Decodes all of it, and reads every value.
   *
   * @return how many values were not null
   */
  public int decode() throws SourceException {
    for (Message message : messages) {
      assembler.read(message.lsn, message.bytes.duplicate(), catalog);
    }
    ChangeAssembler.Taken taken = assembler.take();
    if (taken == null) {
      throw new IllegalStateException("the transaction gave nothing");
    }
    int values = 0;
    for (Change change : taken.changes()) {
      Change.Updated updated = (Change.Updated) change;
      values += values(updated.before()) + values(updated.after());
    }
    return values;
  }

  private static int values(Row row) {
    int values = 0;
    for (int column = 0; column < row.schema().columns().size(); column++) {
      values += row.get(column) == null ? 0 : 1;
    }
    return values;
  }
}
