package io.rowbell.kafka;

import io.rowbell.model.DomainEvent;
import io.rowbell.spi.RejectedEventException;
import io.rowbell.spi.RetryableException;
import io.rowbell.spi.Sink;
import io.rowbell.spi.SinkException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Sends events to Kafka topics with an idempotent producer, in CloudEvents' binary mode, the
 * event's id in the header {@code ce_id}.
 *
 * <p>Events of one key are never on their way at the same time: if one of them fails, a later one
 * has not overtaken it. So a list goes out in waves of events with different keys.
 *
 * <p>If the cluster refuses one event of a wave, others behind it may have arrived. Then the call
 * ends as one that may be repeated, and the next goes one by one, to name the event exactly.
 */
final class KafkaSink implements Sink {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final KafkaSinkSettings settings;
  private final Clients clients;
  private final CloudEventRecord codec = new CloudEventRecord(null);
  private @Nullable Producer<byte[], byte[]> producer;
  private boolean oneByOne;

  /**
   * What orders events: those with the same are sent one after the other.
   *
   * @param topic where it goes
   * @param key its key, or null for the events without one
   */
  private record Line(String topic, @Nullable String key) {}

  KafkaSink(KafkaSinkSettings settings, Clients clients) {
    this.settings = settings;
    this.clients = clients;
  }

  @Override
  public int maxBatch() {
    return settings.maxBatch();
  }

  @Override
  public void deliver(List<DomainEvent> events) throws SinkException, InterruptedException {
    List<DomainEvent> wave = new ArrayList<>();
    Set<Line> lines = new HashSet<>();
    for (DomainEvent event : events) {
      Line line = new Line(topic(event), event.key());
      if (oneByOne || lines.contains(line)) {
        send(wave);
        wave.clear();
        lines.clear();
      }
      String refusal = refusal(event);
      if (refusal != null) {
        send(wave);
        throw new RejectedEventException(event.id(), refusal, null);
      }
      wave.add(event);
      lines.add(line);
    }
    send(wave);
    oneByOne = false;
  }

  private String topic(DomainEvent event) {
    String topic = settings.topic();
    return topic == null ? event.topic() : topic;
  }

  private @Nullable String refusal(DomainEvent event) {
    String topic = topic(event);
    if (!Names.isTopic(topic)) {
      return "'" + topic + "' is no name for a topic";
    }
    long size = RecordSize.upperBound(codec.encode(event, topic));
    return size > clients.maxRecordBytes()
        ? "the event takes up to "
            + size
            + " bytes, and max.request.size and buffer.memory allow "
            + clients.maxRecordBytes()
        : null;
  }

  private void send(List<DomainEvent> wave) throws SinkException, InterruptedException {
    if (wave.isEmpty()) {
      return;
    }
    DomainEvent current = wave.get(0);
    try {
      Producer<byte[], byte[]> sender = producer();
      List<Future<RecordMetadata>> sent = new ArrayList<>(wave.size());
      for (DomainEvent event : wave) {
        current = event;
        sent.add(sender.send(codec.encode(event, topic(event))));
      }
      sender.flush();
      for (int i = 0; i < sent.size(); i++) {
        current = wave.get(i);
        sent.get(i).get();
      }
    } catch (ExecutionException | KafkaException e) {
      throw failed(current, wave.size(), e);
    }
  }

  private SinkException failed(DomainEvent event, int waveSize, Exception failure)
      throws InterruptedException {
    Throwable cause = Failures.root(failure);
    if (cause instanceof InterruptException) {
      Thread.interrupted();
      drop();
      throw new InterruptedException("interrupted while sending to Kafka");
    }
    String what =
        "event "
            + event.id()
            + " to the topic "
            + topic(event)
            + " of Kafka at "
            + settings.bootstrap()
            + ": "
            + cause.getMessage();
    if (refused(cause)) {
      if (waveSize == 1) {
        return new RejectedEventException(event.id(), "Kafka refuses " + what, failure);
      }
      oneByOne = true;
      return new RetryableException(
          "Kafka refuses one of " + waveSize + " events, now one by one: " + what, failure);
    }
    // What is still queued must not arrive after what is sent next.
    drop();
    return new RetryableException("cannot send " + what, failure);
  }

  private static boolean refused(Throwable cause) {
    return cause instanceof RecordTooLargeException
        || cause instanceof RecordBatchTooLargeException
        || cause instanceof InvalidTopicException
        || cause instanceof InvalidRecordException
        || cause instanceof SerializationException
        || cause instanceof UnsupportedForMessageFormatException;
  }

  private Producer<byte[], byte[]> producer() {
    if (producer == null) {
      producer = clients.idempotent(settings.compression());
    }
    return producer;
  }

  private void drop() {
    if (producer != null) {
      producer.close(Duration.ZERO);
      producer = null;
    }
  }

  @Override
  public void close() {
    if (producer != null) {
      boolean interrupted = Thread.interrupted();
      producer.close(CLOSE_TIMEOUT);
      producer = null;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
