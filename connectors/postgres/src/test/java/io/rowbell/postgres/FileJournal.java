package io.rowbell.postgres;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Position;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.spi.Resume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A journal in a file, for a process that is killed: a batch counts once its last line is there.
 * What is behind the last such line was torn off by the kill, and is cut away.
 */
final class FileJournal implements AutoCloseable {
  private static final String END = "== ";

  private final FileChannel channel;
  private final @Nullable Checkpoint checkpoint;

  FileJournal(Path file) throws IOException {
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.lastIndexOf("\n" + END);
    int newline = end < 0 ? -1 : text.indexOf('\n', end + 1);
    while (end >= 0 && newline < 0) {
      end = text.lastIndexOf("\n" + END, end - 1);
      newline = end < 0 ? -1 : text.indexOf('\n', end + 1);
    }
    checkpoint = end < 0 ? null : parse(text.substring(end + 1 + END.length(), newline));
    long size = text.substring(0, newline + 1).getBytes(StandardCharsets.UTF_8).length;
    channel.truncate(size);
    channel.position(size);
  }

  private static Checkpoint parse(String line) {
    String[] parts = line.split(" ", -1);
    return new Checkpoint(
        new Position(Long.parseLong(parts[0])), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
  }

  Resume resume(DatabaseId database) {
    return checkpoint == null ? Resume.NEW : new Resume(database, checkpoint, Map.of());
  }

  void append(ChangeBatch batch) {
    StringBuilder text = new StringBuilder("\n");
    batch.changes().forEach(change -> text.append(RunningSource.text(change)).append('\n'));
    Checkpoint at = batch.checkpoint();
    text.append(END).append(at.position().lsn()).append(' ').append(at.openXid());
    text.append(' ').append(at.rows()).append('\n');
    ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        // In small pieces, so that a kill may fall between them.
        bytes.limit(Math.min(bytes.capacity(), bytes.position() + 512));
        channel.write(bytes);
        bytes.limit(bytes.capacity());
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** All changes of whole batches. */
  static List<String> changes(Path file) throws IOException {
    new FileJournal(file).close();
    List<String> changes = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (!line.isEmpty() && !line.startsWith(END)) {
        changes.add(line);
      }
    }
    return changes;
  }

  /** The position of the last whole batch; null if there is none. */
  static @Nullable Position position(Path file) throws IOException {
    String text = Files.readString(file);
    int end = text.lastIndexOf('\n');
    int start = text.lastIndexOf("\n" + END, end);
    if (start < 0) {
      return null;
    }
    int newline = text.indexOf('\n', start + 1);
    if (newline < 0) {
      start = text.lastIndexOf("\n" + END, start - 1);
      newline = start < 0 ? -1 : text.indexOf('\n', start + 1);
    }
    return start < 0 ? null : parse(text.substring(start + 1 + END.length(), newline)).position();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
