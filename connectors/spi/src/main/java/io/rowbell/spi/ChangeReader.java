package io.rowbell.spi;

import io.rowbell.model.Checkpoint;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads committed changes for as long as one likes, beside whoever follows the database: the same
 * changes in the same order, but by a way of its own. Nothing is claimed, nothing of the pipeline's
 * is confirmed, and nothing is left behind when it is closed or the process ends.
 *
 * <p>For one thread, which polls or {@link #hold holds} again and again: one that is left alone for
 * a minute is ended by the database, as it holds something back there. A snapshot's rows are not
 * read.
 */
public interface ChangeReader extends AutoCloseable {
  /**
   * Says where to begin: exactly where an engine would that opens a journal which holds this. Once,
   * before the first poll.
   *
   * @throws SourceException POSITION_MISMATCH if that is before what can be read
   */
  void after(Checkpoint journal) throws SourceException;

  /**
   * The next changes, with how far the log has been read once they have been; without entries of
   * progress.
   *
   * @param wait how long to wait for one at most
   * @return null if none came; without changes if only the position or the clock moved
   * @throws SourceException if the database is lost, or ends this reader
   */
  @Nullable ChangeBatch poll(Duration wait) throws SourceException, InterruptedException;

  /**
   * Reads nothing, and says that it will: in place of {@link #poll} while there is no room for more
   * changes. What is held back in the database for this reader stays bounded.
   *
   * @throws SourceException as {@link #poll}; if more is held back than may be
   */
  void hold() throws SourceException;

  /**
   * Whether, since the last call, rows were read beside the log for the pipeline: they are not
   * among the changes, and rules have seen them.
   */
  boolean takeBackfilled();

  @Override
  void close();
}
