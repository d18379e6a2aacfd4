package io.rowbell.kafka;

import io.rowbell.spi.JournalException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedCompressionTypeException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/** Says what Kafka's exceptions mean for a journal: what can be done, and in which words. */
final class Failures {
  private final String bootstrap;

  /**
   * @param bootstrap where the brokers are, for messages
   */
  Failures(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  /**
   * What an exception of Kafka's clients means.
   *
   * @param doing what was being done, for example {@code opening the journal}
   * @throws InterruptedException if it means that this thread was interrupted
   */
  JournalException journalException(String doing, Throwable failure) throws InterruptedException {
    Throwable cause = root(failure);
    if (cause instanceof InterruptException || cause instanceof InterruptedException) {
      // Kafka sets the flag again when it throws; an exception says the same once.
      Thread.interrupted();
      throw new InterruptedException("interrupted while " + doing);
    }
    if (cause instanceof JournalException already) {
      return already;
    }
    String why = cause.getMessage() == null ? "it does not answer" : cause.getMessage();
    if (fenced(cause)) {
      return new JournalException(
          JournalException.Kind.FENCED,
          doing
              + ": another writer has taken over this pipeline's transactional id; this one must"
              + " end",
          failure);
    }
    String permission = missingPermission(cause);
    if (permission != null) {
      return new JournalException(
          JournalException.Kind.FATAL,
          doing
              + ": Kafka at "
              + bootstrap
              + " does not permit it: "
              + why
              + "; grant "
              + permission,
          failure);
    }
    if (cause instanceof AuthenticationException) {
      return new JournalException(
          JournalException.Kind.FATAL,
          doing
              + ": Kafka at "
              + bootstrap
              + " does not let us in: "
              + why
              + "; check the section 'security'",
          failure);
    }
    if (cause instanceof LinkageError) {
      return new JournalException(
          JournalException.Kind.FATAL,
          doing
              + ": a library is missing or does not run on this machine ("
              + why
              + "); for a compression, choose another",
          failure);
    }
    if (willNotHeal(cause)) {
      return new JournalException(
          JournalException.Kind.FATAL,
          doing
              + (aboutKeys(why)
                  ? ": our own certificates and keys cannot be used: "
                      + why
                      + "; check the files of the section 'security', and its key-password"
                  : ": Kafka at " + bootstrap + " refuses it: " + why),
          failure);
    }
    return new JournalException(
        JournalException.Kind.UNAVAILABLE,
        doing + ": Kafka at " + bootstrap + " is not available: " + why,
        failure);
  }

  /** Waits for an administrative answer, at most {@code millis}. */
  <T> T get(KafkaFuture<T> answer, long millis, String doing)
      throws JournalException, InterruptedException {
    try {
      return answer.get(millis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw journalException(doing, e);
    }
  }

  /** A cluster that gives nothing, and no reason: a consumer waits without a word. */
  JournalException silent(String doing, String topic, Duration timeout) {
    return new JournalException(
        JournalException.Kind.UNAVAILABLE,
        doing + ": Kafka at " + bootstrap + " did not give all of " + topic + " within " + timeout,
        null);
  }

  /** What was thrown, without the envelopes. */
  static Throwable root(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null
        && (cause instanceof ExecutionException || cause.getClass() == KafkaException.class)) {
      cause = cause.getCause();
    }
    return cause;
  }

  /**
   * Whether it says that the transaction is gone: because another producer has the transactional
   * id, or because the cluster gave it up. Which of both, the cluster does not tell reliably.
   */
  static boolean lostTransaction(Throwable failure) {
    return fenced(failure) || root(failure) instanceof InvalidTxnStateException;
  }

  private static boolean fenced(Throwable failure) {
    Throwable cause = root(failure);
    return cause instanceof ProducerFencedException
        || cause instanceof InvalidProducerEpochException;
  }

  private static @Nullable String missingPermission(Throwable cause) {
    if (cause instanceof TopicAuthorizationException topics) {
      return "Describe, DescribeConfigs, Read, Write (and Create) on "
          + (topics.unauthorizedTopics().isEmpty() ? "it" : topics.unauthorizedTopics());
    }
    if (cause instanceof GroupAuthorizationException group) {
      return "Read on the group " + group.groupId();
    }
    if (cause instanceof TransactionalIdAuthorizationException) {
      return "Describe and Write on this pipeline's transactional ids";
    }
    return cause instanceof AuthorizationException
        ? "what README.md of the Kafka journal lists"
        : null;
  }

  private static boolean willNotHeal(Throwable cause) {
    return transactionTimeoutRefused(cause)
        || cause instanceof UnsupportedVersionException
        || cause instanceof UnsupportedCompressionTypeException
        || cause instanceof InvalidConfigurationException
        || cause instanceof InvalidReplicationFactorException
        || cause instanceof InvalidPartitionsException
        || cause instanceof PolicyViolationException
        || cause instanceof InvalidOffsetException
        || (cause instanceof ConfigException && !unresolved(cause));
  }

  /** A client finds out before it asks anybody, and has no type for it. */
  private static boolean aboutKeys(String why) {
    return why.contains("PEM");
  }

  /** A client gives this refusal without a type: the setting's name is all there is to go by. */
  private static boolean transactionTimeoutRefused(Throwable cause) {
    return String.valueOf(cause.getMessage()).contains("transaction.max.timeout.ms");
  }

  /** A name that does not resolve may do so later: the cluster is not there, or not yet. */
  private static boolean unresolved(Throwable cause) {
    return String.valueOf(cause.getMessage()).startsWith("No resolvable bootstrap");
  }
}
