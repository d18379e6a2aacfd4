package io.rowbell.engine;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.Act;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Sink;
import io.rowbell.spi.Subscription;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * One opening of the journal and the subscribers that it serves. When the journal breaks, all of it
 * is closed and a new session is opened: the journal itself says where to go on.
 */
final class Session implements Acts.Desk {
  /** How long a decision waits for the delivery at hand. */
  private static final Duration BUSY = Duration.ofSeconds(30);

  /** How long an interrupted delivery may take to end. */
  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(5);

  private final Journal journal;
  private final List<SubscriberThread> subscribers = new ArrayList<>();

  private Session(Journal journal) {
    this.journal = journal;
  }

  /**
   * Opens the subscribers' cursors and starts them.
   *
   * @param journal is closed when the session ends, also if this fails
   * @param onFailure is told, on a subscriber's thread, what ended it
   */
  static Session open(Journal journal, List<SubscriberSpec> specs, Consumer<Throwable> onFailure)
      throws JournalException, InterruptedException {
    Session session = new Session(journal);
    Capacity capacity = Capacity.share(Runtime.getRuntime().maxMemory(), specs.size());
    try {
      for (SubscriberSpec spec : specs) {
        session.subscribers.add(session.connect(spec, capacity, onFailure));
      }
    } catch (JournalException | RuntimeException e) {
      session.end(Duration.ZERO);
      throw e;
    }
    session.subscribers.forEach(SubscriberThread::start);
    return session;
  }

  private SubscriberThread connect(
      SubscriberSpec spec, Capacity capacity, Consumer<Throwable> onFailure)
      throws JournalException {
    Sink sink = spec.sink().get();
    try {
      return new SubscriberThread(
          spec.name(),
          () -> journal.subscribe(spec.name(), spec.types(), spec.start()),
          subscription -> subscriber(spec, capacity, subscription, sink),
          sink,
          onFailure);
    } catch (JournalException | RuntimeException e) {
      sink.close();
      throw e;
    }
  }

  private static Subscriber subscriber(
      SubscriberSpec spec, Capacity capacity, Subscription subscription, Sink sink) {
    return new Subscriber(
        spec.name(),
        subscription,
        sink,
        spec.retry(),
        capacity,
        System::nanoTime,
        InstantSource.system(),
        RandomGenerator.getDefault(),
        spec.stats());
  }

  @Override
  public ActAnswer about(String subscriber, Acts.Decider decider)
      throws JournalException, InterruptedException {
    for (SubscriberThread thread : subscribers) {
      if (thread.name().equals(subscriber)) {
        ActAnswer answer = thread.ask(decider, BUSY);
        return answer != null
            ? answer
            : ActAnswer.refused(
                "subscriber '"
                    + subscriber
                    + "' has been busy with one delivery for "
                    + BUSY.toSeconds()
                    + " s: nothing was done, ask again");
      }
    }
    return Acts.aboutUnserved(journal, subscriber, decider);
  }

  @Override
  public void drop(List<DeadLetter> letters, Act act)
      throws JournalException, InterruptedException {
    journal.drop(letters, act);
  }

  @Override
  public boolean serves(String subscriber) {
    return subscribers.stream().anyMatch(thread -> thread.name().equals(subscriber));
  }

  @Override
  public void forget(String subscriber, Act act) throws JournalException, InterruptedException {
    journal.forget(subscriber, act);
  }

  Journal journal() {
    return journal;
  }

  /**
   * Ends the subscribers, all within one grace, then closes the journal. What still delivers when
   * the grace is over is interrupted.
   *
   * @param grace how long a delivery under way may take
   * @throws EngineException if a delivery does not react to the interrupt: it is left to itself,
   *     and nothing else may deliver beside it
   */
  void end(Duration grace) throws InterruptedException {
    subscribers.forEach(SubscriberThread::stop);
    long graceEnds = System.nanoTime() + grace.toNanos();
    List<SubscriberThread> late = notEnded(subscribers, graceEnds);
    late.forEach(SubscriberThread::interrupt);
    List<SubscriberThread> stuck = notEnded(late, graceEnds + AFTER_INTERRUPT.toNanos());
    RuntimeException failure = stuck.isEmpty() ? null : doNotEnd(stuck, grace);
    for (SubscriberThread subscriber : subscribers) {
      try {
        if (!stuck.contains(subscriber)) {
          subscriber.close();
        }
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure;
      }
    }
    journal.close();
    if (failure != null) {
      throw failure;
    }
  }

  private static EngineException doNotEnd(List<SubscriberThread> stuck, Duration grace) {
    String names =
        stuck.stream()
            .map(subscriber -> "'" + subscriber.name() + "'")
            .collect(Collectors.joining(", "));
    return new EngineException(
        ExitCode.INTERNAL,
        "%s %s not end: a delivery has taken longer than %d s and does not react to an interrupt. Its event will be repeated"
            .formatted(
                stuck.size() == 1 ? "subscriber " + names : "subscribers " + names,
                stuck.size() == 1 ? "does" : "do",
                grace.toSeconds()),
        null);
  }

  private static List<SubscriberThread> notEnded(List<SubscriberThread> subscribers, long deadline)
      throws InterruptedException {
    List<SubscriberThread> late = new ArrayList<>();
    for (SubscriberThread subscriber : subscribers) {
      if (!subscriber.awaitEnd(deadline)) {
        late.add(subscriber);
      }
    }
    return late;
  }
}
