package io.rowbell.postgres;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.spi.OffsetCommitPolicy;
import io.rowbell.spi.FailPoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the embedded Debezium engine, on a thread of its own, from start to stop. Never
 * restarted: another run is another object, made after the checks.
 */
final class EngineRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineRun.class);

  private final StreamTap tap;
  private final Duration patience;
  private final Handover handover = new Handover();
  private final CountDownLatch startedOrOver = new CountDownLatch(1);
  private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
  private final Thread thread;

  /**
   * @param patience how long it may take to stop before its connection is cut
   */
  EngineRun(StreamTap tap, Properties properties, String pipeline, Duration patience) {
    this.tap = tap;
    this.patience = patience;
    this.engine =
        DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
            .using(properties)
            .using(OffsetCommitPolicy.always())
            .using(
                new DebeziumEngine.ConnectorCallback() {
                  @Override
                  public void pollingStarted() {
                    startedOrOver.countDown();
                  }
                })
            .using(
                (success, message, error) ->
                    over(success || error != null ? error : new IllegalStateException(message)))
            .notifying(this::pass)
            .build();
    this.thread = new Thread(this::follow, "rowbell-" + pipeline + "-debezium");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void follow() {
    try {
      engine.run();
    } catch (Throwable e) {
      over(e);
      throw e;
    } finally {
      over(null);
    }
  }

  /** The first cause counts. */
  private void over(@Nullable Throwable cause) {
    if (!handover.isOver()) {
      handover.end(cause);
    }
    startedOrOver.countDown();
  }

  /**
   * Debezium's thread. Whatever is thrown here ends the run; nothing is tried again, because
   * Debezium drops the batch when it does.
   */
  private void pass(
      List<RecordChangeEvent<SourceRecord>> records,
      RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
      throws InterruptedException {
    List<ByteBuffer> blocks = new ArrayList<>(records.size());
    for (RecordChangeEvent<SourceRecord> record : records) {
      ByteBuffer block = block(record.record());
      if (block != null) {
        blocks.add(block);
      }
    }
    if (!blocks.isEmpty() && handover.pass(blocks)) {
      // One mark makes the next poll tell the server what is durable; which record is no matter.
      committer.markProcessed(records.get(records.size() - 1));
      FailPoint.MARKED.pass();
    }
    committer.markBatchFinished();
  }

  private static @Nullable ByteBuffer block(SourceRecord record) {
    if (record.value() instanceof Struct value
        && value.schema().field("message") != null
        && value.getStruct("message").get("content") instanceof ByteBuffer content) {
      return content;
    }
    LOG.debug("left out a record of Debezium's own on {}", record.topic());
    return null;
  }

  /**
   * Waits for blocks; follow with {@link #handled}.
   *
   * @return null if none came in time, or the run is over
   */
  @Nullable List<ByteBuffer> next(Duration wait) throws InterruptedException {
    return handover.take(wait.toNanos());
  }

  /**
   * The blocks of {@link #next} have been handled.
   *
   * @param moved whether the durable position moved, so that the server is to be told
   */
  void handled(int blocks, boolean moved) {
    for (int i = 0; i < blocks; i++) {
      tap.handled();
    }
    handover.done(moved);
  }

  boolean isOver() {
    return handover.isOver();
  }

  /** Waits until it is over, or for so long. */
  boolean endsWithin(Duration wait) throws InterruptedException {
    return handover.awaitEnd(wait.toNanos());
  }

  /** Why it is over; null if it is not, or was stopped. */
  @Nullable Throwable failure() {
    return handover.failure();
  }

  /** Stops it: what is durable is confirmed, its connections are closed, its threads have ended. */
  @Override
  public void close() {
    boolean interrupted = false;
    try {
      handover.abandon();
      if (!thread.isAlive()) {
        return;
      }
      startedOrOver.await(patience.toNanos(), TimeUnit.NANOSECONDS);
      Thread closer = new Thread(this::closeEngine, thread.getName() + "-close");
      closer.setDaemon(true);
      closer.start();
      if (!handover.awaitEnd(patience.toNanos())) {
        tap.cut();
        handover.awaitEnd(patience.toNanos());
      }
      thread.join(patience.toMillis());
    } catch (InterruptedException e) {
      interrupted = true;
    } catch (java.sql.SQLException e) {
      LOG.debug("cutting the replication connection failed", e);
    } finally {
      tap.close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void closeEngine() {
    try {
      engine.close();
    } catch (IllegalStateException e) {
      LOG.debug("Debezium's engine was stopping by itself", e);
    } catch (IOException e) {
      LOG.warn("closing Debezium's engine failed; its connections are cut", e);
    }
  }
}
