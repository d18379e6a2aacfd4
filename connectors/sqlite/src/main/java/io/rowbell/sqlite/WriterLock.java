package io.rowbell.sqlite;

import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * One writer for each journal: a lock of the operating system on a file beside it, which goes with
 * the process however that ends. The file stays and holds the process's number, for people.
 */
final class WriterLock implements AutoCloseable {
  // Opening the file once more within this process, and closing it, would drop the lock.
  private static final Set<Path> HELD_HERE = new HashSet<>();

  private final Path file;
  private final FileChannel channel;

  private WriterLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * @throws JournalException UNAVAILABLE if the journal has a writer
   */
  static WriterLock take(JournalFile journal) throws JournalException {
    try {
      Path real = journal.path().toRealPath();
      Path file = real.resolveSibling(real.getFileName() + ".lock");
      synchronized (HELD_HERE) {
        if (HELD_HERE.contains(file)) {
          throw taken(journal, "this process");
        }
        FileChannel channel =
            FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
          FileLock lock = channel.tryLock();
          if (lock == null) {
            String holder = Files.readString(file).strip();
            throw taken(journal, holder.isEmpty() ? "another process" : "process " + holder);
          }
          channel.truncate(0);
          channel.write(
              ByteBuffer.wrap(
                  (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException | JournalException e) {
          channel.close();
          throw e;
        }
        HELD_HERE.add(file);
        return new WriterLock(file, channel);
      }
    } catch (IOException e) {
      throw new JournalException(
          Kind.FATAL,
          journal
              + " cannot be locked ("
              + e
              + "); its directory must be writable, and on a disk of this machine",
          e);
    }
  }

  private static JournalException taken(JournalFile journal, String holder) {
    return new JournalException(
        Kind.UNAVAILABLE,
        journal
            + " has a writer: "
            + holder
            + "; a journal has one at a time: end that one, or give this pipeline a file of its own",
        null);
  }

  @Override
  public void close() {
    synchronized (HELD_HERE) {
      if (HELD_HERE.remove(file)) {
        try {
          channel.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }
}
