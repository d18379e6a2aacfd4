package io.rowbell.spi;

import io.rowbell.model.DeadLetter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Opens journals. */
public non-sealed interface JournalFactory<S extends Record> extends AdapterFactory<S> {
  /**
   * Opens a journal for writing, as its only writer; makes it if there is none.
   *
   * @throws JournalException if it cannot be opened, belongs to another pipeline or has another
   *     writer
   * @throws InvalidSettingException if settings contradict each other
   */
  Journal open(S settings, AdapterContext context) throws JournalException, InterruptedException;

  /**
   * What a journal holds, seen beside its writer or without one. Leaves no trace, and fences
   * nobody.
   *
   * @return empty if there is no journal yet
   * @throws JournalException if it cannot be read, or belongs to another pipeline
   * @throws InvalidSettingException if settings contradict each other
   */
  Optional<Resume> peek(S settings, AdapterContext context)
      throws JournalException, InterruptedException;

  /**
   * How many bytes the journal takes for one named value, as {@link Journal#largestState} says;
   * seen beside its writer or without one.
   *
   * @throws JournalException if it cannot be asked
   * @throws InvalidSettingException if settings contradict each other
   */
  default int largestState(S settings, AdapterContext context)
      throws JournalException, InterruptedException {
    return Journal.STATE_BYTES;
  }

  /**
   * Whether a process on another machine can open such a journal while its writer hangs, and fences
   * it by doing so: what a standby needs.
   */
  default boolean canBeTakenOver() {
    return false;
  }

  /** How long one append may take before it fails; empty if no setting bounds it. */
  default Optional<Duration> longestAppend(S settings) {
    return Optional.empty();
  }

  /**
   * Opens a journal for reading, beside its writer or without one. Leaves no trace.
   *
   * @param start with the oldest event, or with the first that is appended from now on
   * @throws JournalException if there is no journal, or it cannot be read
   */
  EventReader openReader(S settings, AdapterContext context, Journal.Start start)
      throws JournalException, InterruptedException;

  /**
   * Opens a journal for reading from its oldest event.
   *
   * @throws JournalException if there is no journal, or it cannot be read
   */
  default EventReader openReader(S settings, AdapterContext context)
      throws JournalException, InterruptedException {
    return openReader(settings, context, Journal.Start.EARLIEST);
  }

  /**
   * The last dead letters of rules and of subscribers, in the order in which they were given up;
   * those alone that were neither delivered later nor dropped. Read beside the journal's writer or
   * without one; leaves no trace.
   *
   * <p>All of them together may be larger than memory: few are held at a time.
   *
   * @param wanted which ones, whatever their payloads, which it may not be shown; asked about some
   *     that are dead letters no more, too
   * @param max how many at most
   * @param reader is given one after the other
   * @throws JournalException if there is no journal, or it cannot be read; some may have been given
   *     to {@code reader} before
   */
  void readDeadLetters(
      S settings,
      AdapterContext context,
      Predicate<DeadLetter> wanted,
      int max,
      Consumer<DeadLetter> reader)
      throws JournalException, InterruptedException;

  /**
   * The same dead letters, each {@linkplain DeadLetter#withoutPayload without its payload}: for a
   * list, and to decide about them.
   *
   * @param wanted which ones, as above
   * @param max how many at most
   * @throws JournalException if there is no journal, or it cannot be read
   */
  default List<DeadLetter> listDeadLetters(
      S settings, AdapterContext context, Predicate<DeadLetter> wanted, int max)
      throws JournalException, InterruptedException {
    List<DeadLetter> letters = new ArrayList<>();
    readDeadLetters(settings, context, wanted, max, letter -> letters.add(letter.withoutPayload()));
    return letters;
  }

  /**
   * All subscribers that have a cursor, in the order of their names; those that the configuration
   * does not name any more, too. Read beside the journal's writer or without one; leaves no trace.
   *
   * @throws JournalException if there is no journal, or it cannot be read
   */
  List<SubscriberRecord> readSubscribers(S settings, AdapterContext context)
      throws JournalException, InterruptedException;

  /**
   * What people have done, oldest first. Read beside the journal's writer or without one; leaves no
   * trace.
   *
   * @param max how many at most: the last ones
   * @throws JournalException if there is no journal, or it cannot be read
   */
  List<Act> readActs(S settings, AdapterContext context, int max)
      throws JournalException, InterruptedException;
}
