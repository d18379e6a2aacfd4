package io.rowbell.spi;

import io.rowbell.model.Change;
import java.time.Duration;
import java.util.List;

/**
 * Looks at committed changes beside whoever follows the database: nothing is claimed, confirmed or
 * kept, and what was looked at is delivered to the pipeline all the same.
 *
 * <p>For one thread. A snapshot's rows are not seen.
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
   * The next changes.
   *
   * @param wait how long to wait for one at most
   * @return whole transactions in commit order; empty if none came
   * @throws SourceException if the database cannot be asked, or not any more
   */
  List<Change> poll(Duration wait) throws SourceException, InterruptedException;

  /** Whether the last poll read all that had been committed when it was called. */
  boolean caughtUp();

  @Override
  void close();
}
