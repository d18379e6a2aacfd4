package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Change;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What of a chunk comes before a change that its query did not see. */
class BackfillChunkIT {
  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void onlyTheRowOfTheChangesKey() throws Exception {
    BackfillChunk chunk = chunk("by_key", "");
    List<Change> changes = new ArrayList<>();
    assertThat(chunk.before(updated(chunk, 2L), Position.ZERO, changes))
        .containsExactly(List.of("2"));
    assertThat(changes)
        .extracting(RunningSource::text)
        .containsExactly("SNAPSHOT public.t {id=2, code=2}");
    assertThat(chunk.before(updated(chunk, 2L), Position.ZERO, changes)).isEmpty();
    assertThat(chunk.before(updated(chunk, 77L), Position.ZERO, changes)).isEmpty();
    assertThat(chunk.all(Position.ZERO, changes)).containsExactly(List.of("1"), List.of("3"));
  }

  /** The log does not tell the old key: the row that moved away could be any of the chunk. */
  @Test
  void allRowsIfTheReplicaIdentityDoesNotHoldTheKey() throws Exception {
    BackfillChunk chunk =
        chunk("by_index", "; alter table t replica identity using index t_code_key");
    List<Change> changes = new ArrayList<>();
    assertThat(chunk.before(updated(chunk, 77L), Position.ZERO, changes))
        .containsExactly(List.of("1"), List.of("2"), List.of("3"));
    assertThat(chunk.all(Position.ZERO, changes)).isEmpty();
    assertThat(changes).hasSize(3);
  }

  /** However many rows are asked for: all of a chunk is in memory. */
  @Test
  void wideRowsMakeAShortChunk() throws Exception {
    Followed db = new Followed(server, "wide_rows");
    db.sql("create table t (id int primary key, body text)");
    db.sql("insert into t select n, repeat('x', 1000000) from generate_series(1, 20) n");
    BackfillChunk chunk = chunk(db, "wide_rows", 2_000);
    assertThat(chunk.isFull()).isTrue();
    assertThat(chunk.all(Position.ZERO, new ArrayList<>())).hasSize(5);
    assertThat(chunk.bytes()).isLessThan(6_000_000);
  }

  private static BackfillChunk chunk(String database, String identity) throws Exception {
    Followed db = new Followed(server, database);
    db.sql("create table t (id int primary key, code int not null unique)" + identity);
    db.sql("insert into t values (1, 1), (2, 2), (3, 3)");
    return chunk(db, database, 10);
  }

  private static BackfillChunk chunk(Followed db, String database, int rows) throws Exception {
    SqlConnections connections = new SqlConnections(db.settings, database, Path.of(""));
    try (Connection connection = connections.open()) {
      Relations relations = new Relations(new TypeRegistry(connections));
      return Objects.requireNonNull(
          new BackfillReader("rowbell", relations, Duration.ofSeconds(30))
              .read(connection, new TableId("public", "t"), BackfillState.NEW, rows));
    }
  }

  /** An update that leaves a row with this key, as the stream tells it. */
  private static Change.Updated updated(BackfillChunk chunk, long id) {
    Origin origin = new Origin(771, Instant.EPOCH, Position.ZERO, 0, null);
    TableSchema schema = chunk.schema();
    return new Change.Updated(
        origin, new Values(schema, Row.NOT_LOGGED, Row.NOT_LOGGED), new Values(schema, id, 5L));
  }

  private record Values(TableSchema schema, Object id, Object code) implements Row {
    @Override
    public @Nullable Object get(int column) {
      return column == 0 ? id : code;
    }
  }
}
