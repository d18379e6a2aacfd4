package io.rowbell.spi;

import io.rowbell.model.Catalog;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Requirements;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A database whose committed changes can be followed.
 *
 * <p>{@link #run} is called from one thread; {@link #stop} and {@link #status} from any.
 */
public interface Source extends AutoCloseable {
  /**
   * Which database this is. Connects on first use.
   *
   * @throws SourceException if it cannot be reached or does not let us in
   */
  DatabaseId database() throws SourceException;

  /**
   * Makes this process the only one of its pipeline that follows the database, until {@link
   * #close}. To be called before the journal is opened, so that one who waits for the claim never
   * fences the one who holds it.
   *
   * <p>A source that another one was {@link #renew renewed} by has been at work before: it waits
   * for a database that was lost meanwhile as {@link #run} does, and returns also, then without the
   * claim, when it is stopped.
   *
   * @throws SourceException if another process holds the claim: which; or if the database cannot be
   *     reached or does not let us in
   */
  void claim() throws SourceException, InterruptedException;

  /**
   * As {@link #claim}, but as long as another process holds it this one waits, until that one ends
   * or hangs. From then on this process gives way in turn: {@link #run} ends with {@link
   * SourceException.Kind#TAKEN_OVER} once another one has taken the claim over. Returns also, then
   * without the claim, when the source is stopped. {@link #status} says who is waited for.
   *
   * @param takeOverAfter for how long the other one may show no sign of life
   * @throws SourceException if the database does not let us in
   */
  default void standBy(Duration takeOverAfter) throws SourceException, InterruptedException {
    claim();
  }

  /**
   * The tables that rules may name, as they are now.
   *
   * @throws SourceException if it cannot be reached or does not let us in
   */
  Catalog catalog() throws SourceException;

  /**
   * The tables that rules may name, as the rows that come next are written: a table that was
   * altered since the journal's position is in the version that it had there, if the journal knows
   * it. One that is gone is left out.
   *
   * @throws SourceException if it cannot be reached or does not let us in
   */
  Catalog catalog(Resume resume) throws SourceException;

  /**
   * Everything in the database that keeps these requirements from being met, all at once: settings,
   * privileges, publication, slot, replica identities, and whether {@code resume} can be continued
   * from.
   *
   * @return findings, errors first; empty if all is well
   * @throws SourceException if it cannot be reached or does not let us in
   */
  List<Finding> inspect(Requirements requirements, Resume resume) throws SourceException;

  /**
   * Carries out what the findings of {@link #inspect} ask for and the role may do. Never done by
   * {@link #run}.
   *
   * @return the statements that were carried out, and those that the role may not
   * @throws SourceException if one fails for another reason: which, and why
   */
  Applied apply(Requirements requirements, Resume resume) throws SourceException;

  /** Its say over what the database sends; empty if it has none. */
  default Optional<Publishing> publishing() {
    return Optional.empty();
  }

  /**
   * Looks at changes beside whoever follows the database. Needs the same privileges as {@link
   * #run}, and what it needs of the database for a while it gives back when the watch is closed or
   * the process ends.
   *
   * @param requirements which changes to look at
   * @throws SourceException if it cannot be reached, does not let us in, or has no place left for
   *     one who looks; with {@link ChangeWatch.Since#CONFIRMED} also if the pipeline has nothing
   *     that it could begin with
   */
  ChangeWatch watch(Requirements requirements, ChangeWatch.Since since)
      throws SourceException, InterruptedException;

  /**
   * Reads changes beside whoever follows the database, as {@link #watch} does, but for long: what
   * it costs the database does not grow with time. Can begin with what the pipeline has not
   * confirmed.
   *
   * @param requirements which changes to read
   * @throws SourceException as {@link #watch}; MISCONFIGURED also if such a source has no reader
   */
  default ChangeReader openReader(Requirements requirements)
      throws SourceException, InterruptedException {
    throw new SourceException(
        SourceException.Kind.MISCONFIGURED,
        "a source of this kind cannot be read beside its pipeline",
        null);
  }

  /**
   * Follows the database's changes until {@link #stop} or an error.
   *
   * <p>Refuses to start on any error that {@link #inspect} finds. Hands over whole transactions,
   * several in a batch if they are small and a part of one if it is larger than the byte bound. The
   * database is told that a position is done only after the handler has returned for it. After it
   * has ended because the handler threw it may be called again, with what the journal then holds.
   *
   * @param requirements what the rules need; others' tables may be left out, and so may changes
   *     that no rule can need, see {@link io.rowbell.model.Change.Message#PASSED}, and large values
   *     of other columns: to read one is an {@link io.rowbell.model.UnreadableValueException}
   * @param resume what the journal holds: how far an earlier run came
   * @param handler makes a batch durable; called from one thread, never for two batches at a time
   * @throws SourceException if the database refuses, is lost for longer than the configured wait,
   *     or cannot be continued from where the journal ends
   * @throws JournalException if the handler threw it; nothing after the last batch that returned is
   *     confirmed
   */
  void run(Requirements requirements, Resume resume, BatchHandler handler)
      throws SourceException, JournalException, InterruptedException;

  /**
   * Ends {@link #run}: it returns once the batch at hand is durable and confirmed. A source that
   * was stopped stays so: a later run returns at once. Idempotent.
   */
  void stop();

  /** How the stream is doing. Never blocks. */
  SourceStatus status();

  /**
   * Asks the database for what {@link #status} says of it: for as long as nothing is followed,
   * since a journal that is away or full is when the log grows. Connects for a moment, beside
   * whatever else is done; what cannot be asked stays as it was.
   */
  void look();

  /**
   * Closes this source and gives another one of the same database, to be claimed and run, whose
   * {@link #status} goes on from this one's.
   */
  Source renew();

  @Override
  void close();

  /**
   * What became of statements that mend something.
   *
   * @param done those that were carried out, in order
   * @param refused those that the database did not let the role carry out
   */
  record Applied(List<String> done, List<String> refused) {
    public static final Applied NOTHING = new Applied(List.of(), List.of());

    public Applied {
      done = List.copyOf(done);
      refused = List.copyOf(refused);
    }
  }

  /** Makes a batch durable: returning is acknowledging. */
  @FunctionalInterface
  interface BatchHandler {
    /**
     * @param batch the next changes, in commit order
     * @throws JournalException if it is not durable; the source stops and throws it on
     */
    void handle(ChangeBatch batch) throws JournalException, InterruptedException;
  }

  /**
   * How the stream is doing.
   *
   * @param connected whether the replication stream is open
   * @param caughtUp whether all that the server had written when last heard of has been handed over
   * @param lastMarker when a marker written through SQL was last seen back in the stream, as {@link
   *     System#nanoTime()}; 0 before the first
   * @param lagBytes WAL between what is durable and the server's end, or -1 if not known
   * @param retainedBytes WAL the server keeps for us, or -1 if not known
   * @param safeBytes WAL that may still be written before the server gives the slot up, or -1 if
   *     unlimited or not known
   * @param behind how much older what is durable is than the server's present; zero while all that
   *     was committed is durable; null if not known
   * @param lastTurn when the thread that follows an open stream last began with a new piece of
   *     work, as {@link System#nanoTime()}; 0 while it follows none. A batch is one piece, so that
   *     this grows old while a handler hangs
   * @param waitingFor why the stream is not open, in one sentence; null if it is
   */
  record SourceStatus(
      boolean connected,
      boolean caughtUp,
      long lastMarker,
      long lagBytes,
      long retainedBytes,
      long safeBytes,
      @Nullable Duration behind,
      long lastTurn,
      @Nullable String waitingFor) {}
}
