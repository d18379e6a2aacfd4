package io.rowbell.sqlite;

import io.rowbell.spi.ByteSize;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalException.Kind;
import io.rowbell.sqlite.WritingConnection.UnknownOutcomeException;
import io.rowbell.sqlite.WritingConnection.Work;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * The two writing connections of a journal's file, and whether they may still be used.
 *
 * <p>{@code main} commits with {@code synchronous=FULL}: appends, and whatever a subscriber gives
 * up. {@code relaxed} commits without waiting for the disk: the moves of cursors and retention. If
 * the machine loses its power just then, a cursor may stand a little before where it was committed,
 * as it does when the process dies before the commit; the next append makes it durable too. Nothing
 * that was appended depends on it.
 *
 * <p>Used one at a time, under the journal's lock.
 */
final class FileWriter implements AutoCloseable {
  private static final int PAGE_SIZE = 8_192;

  private final JournalFile file;
  private final @Nullable Object identity;
  private final WriterLock lock;
  private final WritingConnection main;
  private final WritingConnection relaxed;
  private @Nullable JournalException broken;
  private boolean closed;

  private FileWriter(
      JournalFile file, WriterLock lock, WritingConnection main, WritingConnection relaxed)
      throws JournalException {
    this.file = file;
    this.identity = file.identity();
    this.lock = lock;
    this.main = main;
    this.relaxed = relaxed;
  }

  /**
   * Opens the file, and makes it if there is none.
   *
   * @throws JournalException UNAVAILABLE if it has a writer, else FATAL
   */
  static FileWriter open(JournalFile file, String pipeline, ByteSize maxSize)
      throws JournalException {
    file.make();
    WriterLock lock = WriterLock.take(file);
    WritingConnection main = null;
    WritingConnection relaxed = null;
    try {
      main = file.openForWriting(SynchronousMode.FULL, PAGE_SIZE);
      Schema.makeOrVerify(main, file, pipeline);
      relaxed = file.openForWriting(SynchronousMode.NORMAL, PAGE_SIZE);
      Room room = new Room(file, maxSize);
      room.limit(main.sql());
      room.limit(relaxed.sql());
      return new FileWriter(file, lock, main, relaxed);
    } catch (SQLException e) {
      JournalException explained = file.explain("opening it", e);
      closeAll(explained, relaxed, main, lock);
      throw explained;
    } catch (JournalException | RuntimeException e) {
      closeAll(e, relaxed, main, lock);
      throw e;
    }
  }

  private static void closeAll(Exception cause, @Nullable AutoCloseable... resources) {
    for (AutoCloseable resource : resources) {
      try {
        if (resource != null) {
          resource.close();
        }
      } catch (Exception e) {
        cause.addSuppressed(e);
      }
    }
  }

  WritingConnection main() {
    return main;
  }

  WritingConnection relaxed() {
    return relaxed;
  }

  /** Whether nothing has failed so far, and it is not closed. */
  boolean isUsable() {
    return !closed && broken == null;
  }

  /**
   * @throws JournalException if it is closed, or something failed before
   */
  void refuseIfUnusable() throws JournalException {
    if (closed) {
      throw new JournalException(Kind.UNAVAILABLE, file + " was closed; open it anew", null);
    }
    if (broken != null) {
      throw new JournalException(
          broken.kind(), "after an earlier failure: " + broken.getMessage(), broken);
    }
  }

  /** A file that was removed goes on taking writes, and all of it would be lost. */
  void refuseIfReplaced() throws JournalException {
    JournalException cause = null;
    try {
      if (Objects.equals(identity, file.identity())) {
        return;
      }
    } catch (JournalException e) {
      cause = e;
    }
    broken =
        new JournalException(
            Kind.FATAL,
            file
                + " was removed or replaced while the engine ran: nothing more is appended. What was"
                + " in it is not known any more; put it back from a backup, or start again with a"
                + " new journal at the slot's position",
            cause);
    throw broken;
  }

  /** Nothing may be written any more, because of this or of what failed before. */
  void breakDown(JournalException failure) {
    broken = broken == null ? failure : broken;
  }

  /** Does something in one transaction; the journal is broken if its outcome is not known. */
  void write(WritingConnection connection, String doing, Work work) throws JournalException {
    try {
      connection.transact(work);
    } catch (SQLException e) {
      throw file.explain(doing, e);
    } catch (UnknownOutcomeException e) {
      broken =
          new JournalException(
              Kind.UNAVAILABLE,
              file + ": it is not known whether " + doing + " succeeded: " + e.getMessage(),
              e);
      throw broken;
    }
  }

  /**
   * The same.
   *
   * @return false if there was no room, and nothing came of it
   */
  boolean writeIfThereIsRoom(WritingConnection connection, String doing, Work work)
      throws JournalException {
    try {
      write(connection, doing, work);
      return true;
    } catch (JournalException e) {
      if (e.kind() == Kind.FULL && broken == null) {
        return false;
      }
      throw e;
    }
  }

  /** From here on everything is refused; the connections are still to be closed. */
  void end() {
    closed = true;
  }

  boolean isEnded() {
    return closed;
  }

  /**
   * Closes the connections and gives the file back.
   *
   * @throws IllegalStateException if something could not be closed
   */
  @Override
  public void close() {
    end();
    RuntimeException failure = new IllegalStateException(file + " could not be closed");
    closeAll(failure, relaxed, main, lock);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }
}
