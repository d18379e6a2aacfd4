package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.spi.SourceException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What is in a batch, and what counts towards its bounds. Transactions hold one logical message
 * each.
 */
class ChangeAssemblerTest {
  private static final int MAX_BYTES = 4 << 20;
  private static final PostgresSettings SETTINGS =
      RunningSource.settings("127.0.0.1", 1, "none", "none", "none");

  private static final Connection NEVER_ASKED =
      (Connection)
          Proxy.newProxyInstance(
              Connection.class.getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> {
                throw new UnsupportedOperationException(method.getName());
              });

  private final List<ChangeAssembler.Taken> taken = new ArrayList<>();
  private final ChangeAssembler assembler =
      new ChangeAssembler(
          new Relations(new TypeRegistry(new SqlConnections(SETTINGS, "unit", Path.of("")))),
          Set.of(),
          Set.of("wanted"),
          StandardCharsets.UTF_8,
          SETTINGS,
          Checkpoint.at(new Position(1)),
          InstantSource.fixed(Instant.EPOCH),
          new Silent());

  private long lsn = 1000;

  /** A block of 512 KiB may hold thousands of them: each must not count the whole block. */
  @Test
  void smallTransactionsOfOneBlockAreOneBatch() throws SourceException {
    Block.Writer writer = new Block.Writer();
    while (writer.contentBytes() < 512 * 1024) {
      transaction(writer, "wanted", 100);
    }
    read(writer);

    assertThat(taken).hasSize(1);
    assertThat(taken.get(0).changes()).hasSizeGreaterThan(2000);
  }

  /** A change keeps the block in memory that it was read from, however little of it is wanted. */
  @Test
  void blocksThatAreKeptForOneChangeEachAreCounted() throws SourceException {
    Block.Writer writer = new Block.Writer();
    List<ByteBuffer> blocks = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      transaction(writer, "wanted", 10);
      while (writer.contentBytes() < 512 * 1024) {
        transaction(writer, "unwanted", 1000);
      }
      blocks.add(content(writer));
    }
    for (ByteBuffer block : blocks) {
      readWithoutEnd(block);
    }

    assertThat(taken).hasSizeGreaterThanOrEqualTo(3);
    assertThat(taken)
        .allSatisfy(
            batch ->
                assertThat(batch.changes().size() * 512L * 1024)
                    .isLessThanOrEqualTo(MAX_BYTES + 512 * 1024));
  }

  @Test
  void aTransactionThatTheStreamBrokeInIsReadOnce() throws SourceException {
    Block.Writer writer = new Block.Writer();
    begin(writer, lsn + 1000);
    logicalMessage(writer, "wanted", 100);
    readWithoutEnd(content(writer));
    assembler.streamStarts(Checkpoint.at(new Position(1)));
    transaction(writer, "wanted", 100);
    read(writer);

    assertThat(taken).hasSize(1);
    assertThat(taken.get(0).changes()).hasSize(1);
  }

  /** Places and numbers of changes are in their events' ids. */
  @Test
  void whatIsSkippedIsCountedAsIfItHadCome() throws SourceException {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Block.Writer all = new Block.Writer();
      Block.Writer wanted = new Block.Writer();
      SkippedRows skipped = new SkippedRows();
      long first = lsn;
      begin(all, lsn + 1000);
      begin(wanted, lsn + 1000);
      for (int i = random.nextInt(30); i >= 0; i--) {
        lsn += random.nextInt(3) == 0 ? 1 : 0; // rows of one COPY share their place
        if (random.nextInt(3) == 0) {
          logicalMessageHere(all, "wanted", 5);
          skipped.moveTo(wanted);
          logicalMessageHere(wanted, "wanted", 5);
        } else {
          logicalMessageHere(all, "unwanted", 5);
          skipped.add(lsn, random.nextBoolean());
          if (random.nextInt(8) == 0) {
            skipped.moveTo(wanted); // as where a block ends
          }
        }
      }
      skipped.moveTo(wanted);
      end(all, first + 1000);
      end(wanted, first + 1000);
      lsn = first + 1000;

      long from = random.nextInt(3) == 0 ? 1 + random.nextInt(10) : 0;
      assertThat(origins(wanted, from))
          .as("seed %d from %d", seed, from)
          .isEqualTo(origins(all, from));
    }
  }

  @Test
  void timePassesWithTheFirstOfTheRowsThatAreLeftOut() throws SourceException {
    Block.Writer writer = new Block.Writer();
    SkippedRows skipped = new SkippedRows();
    begin(writer, lsn + 1000);
    skipped.add(lsn + 1, false);
    skipped.moveTo(writer);
    skipped.add(lsn + 2, true);
    skipped.add(lsn + 3, true);
    skipped.moveTo(writer);
    skipped.add(lsn + 4, true);
    skipped.moveTo(writer);
    end(writer, lsn + 1000);
    lsn += 1000;
    begin(writer, lsn + 1000);
    logicalMessage(writer, "wanted", 5);
    skipped.add(lsn + 1, true);
    skipped.moveTo(writer);
    end(writer, lsn + 1000);
    read(writer);

    assertThat(taken.get(0).changes())
        .extracting(change -> ((Change.Message) change).prefix())
        .containsExactly(Change.Message.PASSED, "wanted");
    assertThat(taken.get(0).changes().get(0).origin().xid()).isEqualTo(7);
  }

  /** What comes of a block, if so many of its transaction's rows are in the journal already. */
  private List<Origin> origins(Block.Writer writer, long rowsDone) throws SourceException {
    taken.clear();
    Position before = new Position(1);
    assembler.streamStarts(
        rowsDone == 0 ? Checkpoint.at(before) : new Checkpoint(before, 7, rowsDone));
    read(writer);
    return taken.stream()
        .flatMap(batch -> batch.changes().stream())
        .filter(change -> ((Change.Message) change).prefix().equals("wanted"))
        .map(Change::origin)
        .toList();
  }

  private void read(Block.Writer writer) throws SourceException {
    readWithoutEnd(content(writer));
    take();
  }

  private void readWithoutEnd(ByteBuffer block) throws SourceException {
    while (block.hasRemaining()) {
      long at = Block.lsn(block);
      assembler.read(at, Block.next(block), NEVER_ASKED);
      while (assembler.isFull() && take()) {
        // until what is left is small
      }
    }
  }

  private boolean take() {
    ChangeAssembler.Taken next = assembler.take();
    return next != null && taken.add(next);
  }

  private static ByteBuffer content(Block.Writer writer) {
    int length = writer.contentBytes();
    ByteBuffer envelope = writer.take();
    byte[] content = new byte[length];
    envelope.position(envelope.limit() - length).get(content);
    return ByteBuffer.wrap(content);
  }

  private void transaction(Block.Writer writer, String prefix, int contentBytes) {
    long end = lsn + contentBytes + 100;
    begin(writer, end);
    logicalMessage(writer, prefix, contentBytes);
    end(writer, end);
    lsn = end;
  }

  private static void end(Block.Writer writer, long end) {
    writer.add(end - 1, message('C').put((byte) 0).putLong(end - 1).putLong(end).putLong(0).flip());
  }

  private void begin(Block.Writer writer, long end) {
    writer.add(lsn, message('B').putLong(end).putLong(0).putInt(7).flip());
  }

  private void logicalMessage(Block.Writer writer, String prefix, int contentBytes) {
    lsn++;
    logicalMessageHere(writer, prefix, contentBytes);
  }

  private void logicalMessageHere(Block.Writer writer, String prefix, int contentBytes) {
    writer.add(
        lsn,
        ByteBuffer.allocate(contentBytes + 100)
            .put((byte) 'M')
            .put((byte) 1)
            .putLong(lsn)
            .put((prefix + "\0").getBytes(StandardCharsets.US_ASCII))
            .putInt(contentBytes)
            .put(new byte[contentBytes])
            .flip());
  }

  private static ByteBuffer message(char type) {
    return ByteBuffer.allocate(64).put((byte) type);
  }

  private static final class Silent implements ChangeAssembler.Listener {
    @Override
    public void ownMessage(
        String content, Position at, List<Change> changes, boolean inTransaction) {}

    @Override
    public void beforeChange(long xid, Change change, List<Change> changes) {}

    @Override
    public boolean isAltered(WalMessages.RelationMessage message) {
      return false;
    }

    @Override
    public void committed() {}
  }
}
