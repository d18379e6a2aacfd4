package io.rowbell.spi;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import java.time.Duration;
import java.util.List;

/**
 * Looks at committed changes beside whoever follows the database: nothing is claimed, confirmed or
 * kept, and what was looked at is delivered to the pipeline all the same.
 *
 * <p>For one thread, which looks again and again: a watch that nobody polls for a minute may be
 * ended by the database, as it may hold something back there. A snapshot's rows are not seen.
 */
public interface ChangeWatch extends AutoCloseable {
  /** What a watch begins with. */
  enum Since {
    /** What is committed after the watch was opened. */
    NOW,
    /** What the pipeline has not confirmed yet. */
    CONFIRMED
  }

  /**
   * Leaves out what a journal holds. Only before the first poll, of a watch that began with what
   * the pipeline has not confirmed: then it goes on exactly where an engine would that opens this
   * journal now.
   *
   * @throws SourceException if the database cannot be asked, or does not go on from there
   */
  void after(Checkpoint journal) throws SourceException;

  /**
   * The next changes.
   *
   * @param wait how long to wait for one at most
   * @return whole transactions in commit order; empty if none came
   * @throws SourceException if the database cannot be asked, or not any more
   */
  List<Change> poll(Duration wait) throws SourceException, InterruptedException;

  /**
   * Whether all that had been committed when the watch was opened has been polled. Until then polls
   * give nothing that was committed later.
   */
  boolean caughtUp();

  @Override
  void close();
}
