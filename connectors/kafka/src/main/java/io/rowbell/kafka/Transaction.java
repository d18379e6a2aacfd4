package io.rowbell.kafka;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * One Kafka transaction: seen whole after {@link #commit}, or never. Every method throws what the
 * producer does; the transaction is then over, and closing the producer aborts it.
 */
final class Transaction {
  private final Producer<byte[], byte[]> producer;

  private Transaction(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  static Transaction begin(Producer<byte[], byte[]> producer) {
    producer.beginTransaction();
    return new Transaction(producer);
  }

  /** Sends a record; returns before it has arrived. */
  @SuppressWarnings("FutureReturnValueIgnored") // a record that fails makes the commit fail
  void send(ProducerRecord<byte[], byte[]> record) {
    producer.send(record);
  }

  /** Moves a group's offsets. */
  void send(Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
    producer.sendOffsetsToTransaction(offsets, group);
  }

  /** Waits until all that was sent has arrived; commits nothing. */
  void flush() {
    producer.flush();
  }

  /** Waits until all that was sent has arrived, and commits it. */
  void commit() {
    producer.commitTransaction();
  }
}
