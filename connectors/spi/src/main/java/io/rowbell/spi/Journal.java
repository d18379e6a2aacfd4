package io.rowbell.spi;

import io.rowbell.model.DeadLetter;
import java.util.List;
import java.util.Set;

/**
 * The one durable place: events, what rules remember, dead letters and the position, in one atomic
 * step.
 *
 * <p>A journal has one writer: opening it for writing fences or refuses every other. {@link
 * #append} is called from one thread; each {@link Subscription} from one thread, at the same time.
 */
public interface Journal extends AutoCloseable {
  /**
   * How many bytes every journal takes for one named value, unless who keeps it was set up to take
   * less: so that rules do the same over any of them.
   */
  int STATE_BYTES = 1_000_000;

  /** What the journal holds, read when it was opened and kept up by {@link #append}. */
  Resume resume();

  /**
   * How many bytes it takes for one named value, whatever its name; {@link #STATE_BYTES} at most. A
   * batch with a larger one is refused, or fails.
   */
  default int largestState() {
    return STATE_BYTES;
  }

  /**
   * Makes a batch durable. Returning is acknowledging: what has been appended survives any crash,
   * and what has not leaves no trace that a reader could see.
   *
   * <p>A checkpoint before the journal's own, and another database than the journal's, are refused
   * as {@link JournalException.Kind#FATAL}. The same checkpoint again is none of both: a backfill
   * appends without the log having moved.
   *
   * @throws JournalException if it is not known to be durable. Close the journal, open it anew and
   *     go on from its {@link #resume}; never append the same batch again without having looked
   */
  void append(Batch batch) throws JournalException, InterruptedException;

  /**
   * Opens a subscriber's cursor, or makes it. Two calls with one name are two readers of one
   * cursor: the owner opens it once.
   *
   * @param subscriber the cursor's name, kept in the journal
   * @param types the event types it wants; empty for all
   * @param start where a new cursor begins; one that exists goes on from where it is
   * @throws JournalException if the journal cannot be read
   */
  Subscription subscribe(String subscriber, Set<String> types, Start start) throws JournalException;

  /**
   * Opens a subscriber's cursor to decide about it: nothing is read. Possible also where {@link
   * #subscribe} is not, as what the cursor has not passed is not kept any more, or as it is not
   * known what that is.
   *
   * @param subscriber has a cursor, with which nobody reads
   * @throws JournalException if the journal cannot be read
   */
  default Subscription openToDecide(String subscriber) throws JournalException {
    return subscribe(subscriber, Set.of(), Start.LATEST);
  }

  /**
   * Gives dead letters of rules up for good, in one durable step with the note of it. May be called
   * from any thread.
   *
   * @param letters have no subscriber; their payloads are not needed
   * @throws JournalException if it is not known to be durable
   */
  void drop(List<DeadLetter> letters, Act act) throws JournalException, InterruptedException;

  /**
   * Forgets a subscriber: its cursor, its parked keys, and whether it is paused; in one durable
   * step with the note of it. What it has not passed is kept for it no longer, and a subscriber of
   * its name begins anew. May be called from any thread.
   *
   * @param subscriber nobody reads with its cursor, and it has no dead letters
   * @throws JournalException if it is not known to be durable
   */
  void forget(String subscriber, Act act) throws JournalException, InterruptedException;

  /**
   * How full it is and how far its subscribers are. Never blocks for long; may be some seconds old.
   */
  JournalStatus status();

  @Override
  void close();

  /** Where a new cursor begins. */
  enum Start {
    /** With the first event appended after the cursor was made. */
    LATEST,
    /** With the oldest event that is kept. */
    EARLIEST
  }
}
