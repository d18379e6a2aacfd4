package io.rowbell.engine;

import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Sink;
import io.rowbell.spi.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * One opening of the journal and the subscribers that it serves. When the journal breaks, all of it
 * is closed and a new session is opened: the journal itself says where to go on.
 */
final class Session {
  private static final int MAX_IN_FLIGHT = 10_000;

  private final Journal journal;
  private final List<SubscriberThread> subscribers = new ArrayList<>();

  private Session(Journal journal) {
    this.journal = journal;
  }

  /**
   * Opens the subscribers' cursors and starts them.
   *
   * @param journal is closed when the session ends, also if this fails
   * @param grace how long a delivery under way may take when the session ends
   * @param onFailure is told, on a subscriber's thread, what ended it
   */
  static Session open(
      Journal journal, List<SubscriberSpec> specs, Duration grace, Consumer<Throwable> onFailure)
      throws JournalException, InterruptedException {
    Session session = new Session(journal);
    try {
      for (SubscriberSpec spec : specs) {
        session.subscribers.add(session.connect(spec, grace, onFailure));
      }
    } catch (JournalException | RuntimeException e) {
      session.end();
      throw e;
    }
    session.subscribers.forEach(SubscriberThread::start);
    return session;
  }

  private SubscriberThread connect(
      SubscriberSpec spec, Duration grace, Consumer<Throwable> onFailure) throws JournalException {
    Sink sink = spec.sink().get();
    Subscription subscription;
    try {
      subscription = journal.subscribe(spec.name(), spec.types(), spec.start());
    } catch (JournalException | RuntimeException e) {
      sink.close();
      throw e;
    }
    Subscriber subscriber =
        new Subscriber(
            spec.name(),
            subscription,
            sink,
            spec.retry(),
            MAX_IN_FLIGHT,
            System::nanoTime,
            RandomGenerator.getDefault(),
            spec.stats());
    return new SubscriberThread(spec.name(), subscriber, subscription, sink, grace, onFailure);
  }

  Journal journal() {
    return journal;
  }

  /** Ends the subscribers, all at once, then closes the journal. */
  void end() throws InterruptedException {
    subscribers.forEach(SubscriberThread::stop);
    RuntimeException failure = null;
    for (SubscriberThread subscriber : subscribers) {
      try {
        subscriber.end();
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure;
      }
    }
    journal.close();
    if (failure != null) {
      throw failure;
    }
  }
}
