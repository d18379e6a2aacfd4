/** How do I consume events from Kafka? */
@NullMarked
package io.rowbell.examples.kafkaconsumer;

import org.jspecify.annotations.NullMarked;
