package io.rowbell.kafka;

import io.rowbell.spi.JournalException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What metrics tell of a journal's topics: asked for by a thread of its own, so that nobody waits,
 * and only while somebody wants to know. Safe for several threads.
 */
final class Figures implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Figures.class);

  /** How old a figure may become before it is asked for again. */
  private static final long OLD_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** A cluster answers with the sizes of all its partitions. */
  private static final int TURNS_BETWEEN_SIZES = 6;

  private static final int MOST_DEAD_LETTERS = 100_000;

  private final Connection connection;
  private final EventTopics eventTopics;
  private final TopicSizes sizes;
  private final ExecutorService asking =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "rowbell-journal-figures");
            thread.setDaemon(true);
            return thread;
          });
  private @Nullable DeadLetterCount letters;
  private @Nullable Future<?> turn;
  private long askedAt;
  private int turns;
  private boolean closed;
  private volatile long bytes = -1;
  private volatile long deadLetters = -1;

  Figures(Connection connection, EventTopics eventTopics) {
    this.connection = connection;
    this.eventTopics = eventTopics;
    this.sizes = new TopicSizes(connection);
  }

  /** How much room the topics take, or -1 if not known; up to a minute old. */
  long bytes() {
    refresh();
    return bytes;
  }

  /** How many dead letters there are, or -1 if not known; some seconds old. */
  long deadLetters() {
    refresh();
    return deadLetters;
  }

  private synchronized void refresh() {
    boolean due = turn == null || (turn.isDone() && System.nanoTime() - askedAt > OLD_NANOS);
    if (due && !closed) {
      askedAt = System.nanoTime();
      turn = asking.submit(this::ask);
    }
  }

  private void ask() {
    try {
      if (turns++ % TURNS_BETWEEN_SIZES == 0) {
        Set<String> topics = new HashSet<>(connection.names().own());
        topics.addAll(eventTopics.all().keySet());
        bytes = sizes.of(topics);
      }
      if (letters == null) {
        letters =
            new DeadLetterCount(
                new DeadLetterTopic(connection.clients(), connection.ends(), connection.names()),
                MOST_DEAD_LETTERS);
      }
      deadLetters = letters.now();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (JournalException
        | KafkaException
        | IllegalArgumentException
        | IllegalStateException e) {
      // A measure must not fail what it measures; the append and the poll will tell.
      LOG.debug("pipeline {}: what the topics hold is not known", connection.names().pipeline(), e);
    }
  }

  /** Returns at once; what is being asked ends soon after. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (turn != null) {
      boolean unused = turn.cancel(true);
      asking.execute(
          () -> {
            if (letters != null) {
              letters.close();
            }
          });
    }
    asking.shutdown();
  }
}
