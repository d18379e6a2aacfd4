package io.rowbell.postgres;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Position;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.spi.Resume;
import io.rowbell.spi.StateChange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A journal in a file, for a process that is killed: a batch counts once its last line is there,
 * which has the checkpoint and the source's state. What is behind the last such line was torn off
 * by the kill, and is cut away.
 */
final class FileJournal implements AutoCloseable {
  private static final String END = "== ";

  private final FileChannel channel;
  private final @Nullable Checkpoint checkpoint;
  private final Map<String, byte[]> state;

  FileJournal(Path file) throws IOException {
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Tail tail = tail(channel);
    checkpoint = tail.checkpoint();
    state = new TreeMap<>(tail.state());
    channel.truncate(tail.size());
    channel.position(tail.size());
  }

  /** The last whole batch's checkpoint and state, and how many bytes there are up to its end. */
  private record Tail(@Nullable Checkpoint checkpoint, Map<String, byte[]> state, long size) {}

  /** Looks from the end back, so that a long journal costs a process no memory. */
  private static Tail tail(FileChannel channel) throws IOException {
    for (long length = 1 << 16; ; length *= 2) {
      long from = Math.max(0, channel.size() - length);
      ByteBuffer bytes = ByteBuffer.allocate((int) (channel.size() - from));
      while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
        // Goes on until all is read.
      }
      String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
      int newline = text.lastIndexOf('\n');
      int end = newline < 0 ? -1 : text.lastIndexOf("\n" + END, newline - 1);
      if (end >= 0) {
        newline = text.indexOf('\n', end + 1);
        String[] words = text.substring(end + 1 + END.length(), newline).split(" ", -1);
        return new Tail(checkpoint(words), state(words), from + newline + 1);
      }
      if (from == 0) {
        return new Tail(null, Map.of(), 0);
      }
    }
  }

  private static Checkpoint checkpoint(String[] words) {
    return new Checkpoint(
        new Position(Long.parseLong(words[0])), Long.parseLong(words[1]), Long.parseLong(words[2]));
  }

  private static Map<String, byte[]> state(String[] words) {
    Map<String, byte[]> state = new TreeMap<>();
    for (int i = 3; i < words.length; i += 2) {
      state.put(words[i], Base64.getDecoder().decode(words[i + 1]));
    }
    return state;
  }

  Resume resume(DatabaseId database) {
    return checkpoint == null ? Resume.NEW : new Resume(database, checkpoint, state);
  }

  void append(ChangeBatch batch) {
    StringBuilder text = new StringBuilder("\n");
    batch.changes().forEach(change -> text.append(RunningSource.text(change)).append('\n'));
    Checkpoint at = batch.checkpoint();
    text.append(END).append(at.position().lsn()).append(' ').append(at.openXid());
    text.append(' ').append(at.rows());
    for (StateChange change : batch.progress()) {
      state.put(change.name(), Objects.requireNonNull(change.value()));
    }
    state.forEach(
        (name, value) ->
            text.append(' ')
                .append(name)
                .append(' ')
                .append(Base64.getEncoder().encodeToString(value)));
    text.append('\n');
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
    try (FileChannel channel = FileChannel.open(file)) {
      Checkpoint last = tail(channel).checkpoint();
      return last == null ? null : last.position();
    }
  }

  /** Whether a table has been read to its end. */
  static boolean isFinished(Path file, String table) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return BackfillState.parse(tail(channel).state().get("postgres/backfill/" + table))
          .finished();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
