package io.rowbell.kafka;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.Act;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalFactory;
import io.rowbell.spi.Resume;
import io.rowbell.spi.SubscriberRecord;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.common.KafkaException;

/** Opens journals in Kafka topics: {@code journal: {kafka: {bootstrap: …}}}. */
public final class KafkaJournalFactory implements JournalFactory<KafkaJournalSettings> {
  /** For {@link java.util.ServiceLoader}. */
  public KafkaJournalFactory() {}

  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public Class<KafkaJournalSettings> settingsType() {
    return KafkaJournalSettings.class;
  }

  @Override
  public boolean canBeTakenOver() {
    return true;
  }

  @Override
  public Optional<Duration> longestAppend(KafkaJournalSettings settings) {
    return Optional.of(settings.timeout());
  }

  @Override
  public Journal open(KafkaJournalSettings settings, AdapterContext context)
      throws JournalException, InterruptedException {
    return KafkaJournal.open(settings, context);
  }

  @Override
  public Optional<Resume> peek(KafkaJournalSettings settings, AdapterContext context)
      throws JournalException, InterruptedException {
    return KafkaJournal.peek(settings, context);
  }

  @Override
  public int largestState(KafkaJournalSettings settings, AdapterContext context)
      throws JournalException, InterruptedException {
    return KafkaJournal.largestState(settings, context);
  }

  @Override
  public EventReader openReader(
      KafkaJournalSettings settings, AdapterContext context, Journal.Start start)
      throws JournalException, InterruptedException {
    Failures failures = new Failures(settings.bootstrap());
    try {
      Clients clients = clients(settings, context);
      return KafkaEventReader.open(
          new Connection(
              new Names(context.pipeline()), settings, clients, clients.admin(), failures),
          start);
    } catch (KafkaException e) {
      throw failures.journalException("opening the journal for reading", e);
    }
  }

  @Override
  public void readDeadLetters(
      KafkaJournalSettings settings,
      AdapterContext context,
      Predicate<DeadLetter> wanted,
      int max,
      Consumer<DeadLetter> reader)
      throws JournalException, InterruptedException {
    int unused = readLetters(settings, context, wanted, letters -> letters.last(max, reader));
  }

  @Override
  public List<DeadLetter> listDeadLetters(
      KafkaJournalSettings settings, AdapterContext context, Predicate<DeadLetter> wanted, int max)
      throws JournalException, InterruptedException {
    return readLetters(settings, context, wanted, letters -> letters.last(max));
  }

  private static <T> T readLetters(
      KafkaJournalSettings settings,
      AdapterContext context,
      Predicate<DeadLetter> wanted,
      DeadLetterReader.Reading<T> reading)
      throws JournalException, InterruptedException {
    Failures failures = new Failures(settings.bootstrap());
    try {
      return DeadLetterReader.once(
          clients(settings, context), new Names(context.pipeline()), failures, wanted, reading);
    } catch (KafkaException e) {
      throw failures.journalException("opening the dead letters for reading", e);
    }
  }

  @Override
  public List<SubscriberRecord> readSubscribers(
      KafkaJournalSettings settings, AdapterContext context)
      throws JournalException, InterruptedException {
    return KafkaJournal.beside(
        settings,
        context,
        "looking at the subscribers",
        connection -> new SubscriberReader(connection).subscribers());
  }

  @Override
  public List<Act> readActs(KafkaJournalSettings settings, AdapterContext context, int max)
      throws JournalException, InterruptedException {
    return KafkaJournal.beside(
        settings,
        context,
        "looking at what people did",
        connection -> new SubscriberReader(connection).acts(max));
  }

  private static Clients clients(KafkaJournalSettings settings, AdapterContext context) {
    return new Clients(
        new ClientProperties(Cluster.of(settings, context.directory())),
        "rowbell-" + context.pipeline());
  }
}
