package io.rowbell.engine;

import io.rowbell.spi.ChangeReader;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.SourceException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks a journal what may take long to be answered, as it does in Kafka behind the open transaction
 * of a writer that was killed, and sees to it that a reader of changes is not taken for one that
 * has gone meanwhile.
 */
final class LongQuestion {
  private static final Duration HOLDS = Duration.ofMillis(500);

  private LongQuestion() {}

  /** What is asked; on a thread of its own. */
  interface Question<T> {
    T ask() throws JournalException, InterruptedException;
  }

  /**
   * Asks and waits. Whoever is interrupted, or loses the reader, waits no longer.
   *
   * @throws SourceException as {@link ChangeReader#hold}
   */
  static <T> T ask(ChangeReader reader, Question<T> question)
      throws SourceException, JournalException, InterruptedException {
    FutureTask<T> answer = new FutureTask<>(question::ask);
    Thread asking = new Thread(answer, "rowbell-verify-journal");
    asking.setDaemon(true);
    asking.start();
    try {
      while (true) {
        try {
          return answer.get(HOLDS.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          reader.hold();
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof JournalException refused) {
        throw refused;
      }
      throw Failures.unforeseen(e.getCause() == null ? e : e.getCause());
    } finally {
      boolean unused = answer.cancel(true);
    }
  }
}
