/**
 * The Kafka journal and the plain Kafka sink. The only place that knows Kafka's clients.
 *
 * <p>{@link io.rowbell.kafka.KafkaJournalFactory} opens the journal: one Kafka transaction for each
 * append. {@link io.rowbell.kafka.KafkaSinkFactory} makes the sink for subscribers that send from
 * another journal to a cluster.
 */
@NullMarked
package io.rowbell.kafka;

import org.jspecify.annotations.NullMarked;
