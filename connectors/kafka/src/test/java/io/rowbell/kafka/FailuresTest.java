package io.rowbell.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalException.Kind;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.junit.jupiter.api.Test;

class FailuresTest {
  private final Failures failures = new Failures("broker:9092");

  @Test
  void whatCanBeDoneFollowsFromTheCause() throws Exception {
    Map<Throwable, Kind> meanings =
        Map.of(
            new TimeoutException("t"), Kind.UNAVAILABLE,
            new java.util.concurrent.TimeoutException(), Kind.UNAVAILABLE,
            new NotEnoughReplicasException("n"), Kind.UNAVAILABLE,
            new KafkaException("whatever"), Kind.UNAVAILABLE,
            new ProducerFencedException("p"), Kind.FENCED,
            new TransactionalIdAuthorizationException("a"), Kind.FATAL,
            new SaslAuthenticationException("s"), Kind.FATAL,
            new InvalidReplicationFactorException("r"), Kind.FATAL,
            new KafkaException("see transaction.max.timeout.ms"), Kind.FATAL,
            new NoClassDefFoundError("net/jpountz/lz4/LZ4Factory"), Kind.FATAL);
    for (Map.Entry<Throwable, Kind> meaning : meanings.entrySet()) {
      Throwable wrapped =
          new ExecutionException(new KafkaException("in an error state", meaning.getKey()));
      JournalException explained = failures.journalException("doing it", wrapped);
      assertThat(explained.kind()).as("%s", meaning.getKey()).isEqualTo(meaning.getValue());
      assertThat(explained).hasMessageStartingWith("doing it: ").hasRootCause(meaning.getKey());
    }
  }

  @Test
  void aTransactionThatIsGoneMayBeSomebodyElses() {
    assertThat(Failures.lostTransaction(new ProducerFencedException("p"))).isTrue();
    assertThat(Failures.lostTransaction(new InvalidProducerEpochException("e"))).isTrue();
    assertThat(Failures.lostTransaction(new KafkaException("k", new InvalidTxnStateException("s"))))
        .isTrue();
    assertThat(Failures.lostTransaction(new TimeoutException("t"))).isFalse();
  }

  @Test
  void anInterruptIsNoFailureOfTheCluster() {
    // Kafka's exception sets the thread's flag as it is made.
    assertThatThrownBy(() -> failures.journalException("doing it", new InterruptException("i")))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }
}
