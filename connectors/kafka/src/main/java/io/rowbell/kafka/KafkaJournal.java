package io.rowbell.kafka;

import io.rowbell.kafka.EventTopics.EventTopic;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.spi.Act;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Batch;
import io.rowbell.spi.CloudEventJson;
import io.rowbell.spi.FailPoint;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalStatus;
import io.rowbell.spi.Resume;
import io.rowbell.spi.StateChange;
import io.rowbell.spi.Subscription;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * A journal in Kafka topics: one Kafka transaction for each append.
 *
 * <p>In that transaction are the events, each in its own topic, the dead letters, and in a
 * compacted topic the position and what rules remember. Consumers that read committed records see
 * all of an append or nothing. Everything is checked before anything is sent: topics, names, sizes.
 * An event that Kafka would not take becomes a dead letter of the same transaction.
 *
 * <p>After any failure the journal is of no further use: its transactions are aborted, and opening
 * it anew reads from the cluster what became of the last one.
 */
final class KafkaJournal implements Journal {
  /** Long enough to abort what is open; a cluster that is away does it by itself later. */
  private static final Duration ABORT_TIMEOUT = Duration.ofSeconds(2);

  /** In bytes, with room to spare: a rule's name and a key of 200 characters. */
  private static final int LONGEST_STATE_NAME = 1_024;

  /** A payload larger than the topic takes: the catalogue's X402. */
  private static final String TOO_LARGE = "X402";

  /** An event that has no place in Kafka: the catalogue's X412. */
  private static final String NO_TOPIC = "X412";

  private final Connection connection;
  private final Topics topics;
  private final Writers writers;
  private final Ownership ownership;
  private final CloudEventRecord codec;
  private final EventTopics eventTopics;
  private final List<KafkaSubscription> subscriptions = new CopyOnWriteArrayList<>();
  private final Map<String, byte[]> state;
  private final Lags lags;
  private final Figures figures;
  private final Clerk clerk;

  private Resume position;
  private volatile boolean usable = true;

  private KafkaJournal(
      Connection connection,
      Topics topics,
      Writers writers,
      Ownership ownership,
      JournalState opened) {
    this.connection = connection;
    this.topics = topics;
    this.writers = writers;
    this.ownership = ownership;
    this.codec = new CloudEventRecord(connection.names().pipeline());
    this.eventTopics = new EventTopics(opened.topics());
    this.position = opened.resume();
    this.state = new HashMap<>(opened.resume().state());
    this.lags = new Lags(connection.admin());
    this.figures = new Figures(connection, eventTopics);
    this.clerk = new Clerk(connection);
  }

  /**
   * Opens it: fences an older writer, then reads how far it came, then writes down whose it is now.
   * {@link Writers} says why what is read in between is all there is.
   *
   * @throws JournalException if it cannot be opened; the message says why and what to do
   */
  static KafkaJournal open(KafkaJournalSettings settings, AdapterContext context)
      throws JournalException, InterruptedException {
    ClientProperties properties = new ClientProperties(Cluster.of(settings, context.directory()));
    if (settings.transactionTimeout().compareTo(settings.timeout()) <= 0) {
      throw new InvalidSettingException(
          "transaction-timeout", "must be longer than timeout, which is " + settings.timeout());
    }
    Names names = new Names(context.pipeline());
    Clients clients = new Clients(properties, "rowbell-" + names.pipeline());
    Failures failures = new Failures(settings.bootstrap());
    String doing = "opening the journal of the pipeline " + names.pipeline();
    Writers writers = new Writers();
    Admin admin = null;
    boolean opened = false;
    try {
      admin = clients.admin();
      Connection connection = new Connection(names, settings, clients, admin, failures);
      Topics topics = new Topics(connection);
      topics.ensureOwn();
      String identity = UUID.randomUUID().toString();
      JournalState read =
          writers.open(
              i ->
                  clients.transactional(
                      names.writer(i), settings.transactionTimeout(), settings.compression()),
              // What a later version wrote is refused before its mark is written over.
              () -> JournalState.read(connection, doing),
              JournalState.writerRecord(names.state(), identity));
      KafkaJournal journal =
          new KafkaJournal(connection, topics, writers, new Ownership(connection, identity), read);
      opened = true;
      return journal;
    } catch (KafkaException e) {
      throw failures.journalException(doing, e);
    } finally {
      if (!opened) {
        writers.close(Duration.ZERO);
        if (admin != null) {
          admin.close(Duration.ZERO);
        }
      }
    }
  }

  /**
   * What it holds, without opening it: nobody is fenced.
   *
   * @return empty if there is no journal yet
   * @throws JournalException if it cannot be read; the message says why and what to do
   */
  static Optional<Resume> peek(KafkaJournalSettings settings, AdapterContext context)
      throws JournalException, InterruptedException {
    String doing = "looking at the journal of the pipeline " + context.pipeline();
    return beside(
        settings,
        context,
        doing,
        connection ->
            new Topics(connection).describe(Set.of(connection.names().state()), doing).isEmpty()
                ? Optional.empty()
                : Optional.of(JournalState.read(connection, doing).resume()));
  }

  /**
   * How large one named value may be, without opening it: nobody is fenced.
   *
   * @throws JournalException if the cluster cannot be asked
   */
  static int largestState(KafkaJournalSettings settings, AdapterContext context)
      throws JournalException, InterruptedException {
    String doing = "asking what the journal of the pipeline " + context.pipeline() + " takes";
    return beside(
        settings,
        context,
        doing,
        connection -> {
          String topic = connection.names().state();
          Topics topics = new Topics(connection);
          return topics.describe(Set.of(topic), doing).isEmpty()
              ? STATE_BYTES
              : largestState(topics.maxRecordBytes(topic, doing));
        });
  }

  private static int largestState(long maxRecordBytes) {
    return RecordSize.largestValue(maxRecordBytes, LONGEST_STATE_NAME, STATE_BYTES);
  }

  /** What is looked for beside the writer. */
  @FunctionalInterface
  interface Look<T> {
    T at(Connection connection) throws JournalException, InterruptedException;
  }

  /** Looks at it without opening it: nobody is fenced. */
  static <T> T beside(
      KafkaJournalSettings settings, AdapterContext context, String doing, Look<T> look)
      throws JournalException, InterruptedException {
    Names names = new Names(context.pipeline());
    Clients clients =
        new Clients(
            new ClientProperties(Cluster.of(settings, context.directory())),
            "rowbell-" + names.pipeline());
    Failures failures = new Failures(settings.bootstrap());
    Admin admin = null;
    try {
      admin = clients.admin();
      return look.at(new Connection(names, settings, clients, admin, failures));
    } catch (KafkaException e) {
      throw failures.journalException(doing, e);
    } finally {
      if (admin != null) {
        admin.close(Clients.AT_ONCE);
      }
    }
  }

  @Override
  public synchronized Resume resume() {
    return new Resume(position.database(), position.checkpoint(), state);
  }

  /** Less if the topic takes less. */
  @Override
  public int largestState() {
    return largestState(topics.get(connection.names().state()).maxRecordBytes());
  }

  @Override
  public void append(Batch batch) throws JournalException, InterruptedException {
    commit(batch, send(batch));
  }

  /** Sends a batch in a transaction that is left open: nobody sees it. */
  Transaction send(Batch batch) throws JournalException, InterruptedException {
    String doing = "appending up to " + batch.checkpoint();
    requireUsable(doing);
    try {
      check(batch);
      Set<String> used = new HashSet<>();
      for (DomainEvent event : batch.events()) {
        used.add(event.topic());
      }
      topics.ensure(used);
      Transaction transaction = writers.begin();
      register(used, transaction);
      for (DomainEvent event : batch.events()) {
        sendEvent(transaction, event);
      }
      for (DeadLetter letter : batch.deadLetters()) {
        sendDeadLetter(transaction, letter);
      }
      String state = connection.names().state();
      for (StateChange change : batch.state()) {
        transaction.send(JournalState.stateRecord(state, change));
      }
      transaction.send(JournalState.checkpointRecord(state, batch.database(), batch.checkpoint()));
      return transaction;
    } catch (KafkaException e) {
      throw failed(doing, e);
    } catch (JournalException e) {
      abandon();
      throw e;
    }
  }

  /** Makes durable what was sent. */
  void commit(Batch batch, Transaction transaction) throws JournalException, InterruptedException {
    try {
      if (!batch.events().isEmpty()) {
        transaction.flush();
        FailPoint.KAFKA_SENT.pass();
      }
      transaction.commit();
    } catch (KafkaException e) {
      throw failed("appending up to " + batch.checkpoint(), e);
    }
    if (!batch.events().isEmpty()) {
      FailPoint.KAFKA_COMMITTED.pass();
    }
    remember(batch);
  }

  /** Notes topics that have events for the first time. */
  private void register(Set<String> used, Transaction transaction) {
    for (String topic : used) {
      if (topics.refusal(topic).isEmpty()) {
        Topics.Topic found = topics.get(topic);
        if (!eventTopics.contains(topic, found.id())) {
          EventTopic added = new EventTopic(found.id(), found.ends());
          eventTopics.add(topic, added);
          transaction.send(JournalState.topicRecord(connection.names().state(), topic, added));
        }
      }
    }
  }

  private void sendEvent(Transaction transaction, DomainEvent event) throws JournalException {
    Optional<String> refusal = topics.refusal(event.topic());
    if (refusal.isEmpty()) {
      refusal =
          event.extensions().keySet().stream()
              .filter(CloudEventRecord.RESERVED::contains)
              .map(name -> "'" + name + "' cannot be the name of an extension attribute")
              .findFirst();
    }
    if (refusal.isPresent()) {
      sendDeadLetter(transaction, deadLetter(event, NO_TOPIC, refusal.get()));
      return;
    }
    ProducerRecord<byte[], byte[]> record = codec.encode(event, event.topic());
    long size = RecordSize.upperBound(record);
    long limit = topics.get(event.topic()).maxRecordBytes();
    if (size > limit) {
      String reason =
          "the event takes up to "
              + size
              + " bytes, and the topic "
              + event.topic()
              + " takes "
              + limit
              + ": raise its max.message.bytes, or choose fewer columns";
      sendDeadLetter(transaction, deadLetter(event, TOO_LARGE, reason));
      return;
    }
    transaction.send(record);
  }

  private static DeadLetter deadLetter(DomainEvent event, String code, String reason) {
    return new DeadLetter(
        event.id(),
        null,
        event.type(),
        event.topic(),
        event.key(),
        event.time(),
        code,
        reason,
        CloudEventJson.of(event));
  }

  private void sendDeadLetter(Transaction transaction, DeadLetter letter) throws JournalException {
    transaction.send(
        DeadLetterRecord.fitting(
            letter,
            connection.names(),
            topics.get(connection.names().deadLetters()).maxRecordBytes()));
  }

  private void check(Batch batch) throws JournalException {
    if (position.database() != null && !position.database().equals(batch.database())) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          "the journal of the pipeline "
              + connection.names().pipeline()
              + " belongs to "
              + position.database()
              + ", not to "
              + batch.database(),
          null);
    }
    Checkpoint reached = position.checkpoint();
    if (reached != null && batch.checkpoint().compareTo(reached) < 0) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          "the journal of the pipeline "
              + connection.names().pipeline()
              + " is at "
              + reached
              + " and cannot go back to "
              + batch.checkpoint(),
          null);
    }
    long limit = topics.get(connection.names().state()).maxRecordBytes();
    for (StateChange change : batch.state()) {
      long size =
          RecordSize.upperBound(JournalState.stateRecord(connection.names().state(), change));
      if (size > limit) {
        throw new JournalException(
            JournalException.Kind.FATAL,
            "the state '"
                + change.name()
                + "' takes up to "
                + size
                + " bytes, and the topic "
                + connection.names().state()
                + " takes "
                + limit
                + ": raise its max.message.bytes",
            null);
      }
    }
  }

  private synchronized void remember(Batch batch) {
    position = new Resume(batch.database(), batch.checkpoint(), Map.of());
    for (StateChange change : batch.state()) {
      byte[] value = change.value();
      if (value == null) {
        state.remove(change.name());
      } else {
        state.put(change.name(), value);
      }
    }
  }

  private void requireUsable(String doing) throws JournalException {
    if (!usable) {
      throw new JournalException(
          JournalException.Kind.UNAVAILABLE,
          doing + ": the journal is closed, or failed before: open it anew",
          null);
    }
  }

  private void abandon() {
    usable = false;
    writers.close(ABORT_TIMEOUT);
  }

  private JournalException failed(String doing, KafkaException failure)
      throws InterruptedException {
    abandon();
    if (Failures.root(failure) instanceof RecordTooLargeException) {
      return new JournalException(
          JournalException.Kind.UNAVAILABLE,
          doing + ": a topic's max.message.bytes is smaller than when it was looked at",
          failure);
    }
    String limit = "transaction-timeout (" + connection.settings().transactionTimeout() + ")";
    return ownership.journalException(doing, limit, failure);
  }

  @Override
  public Subscription subscribe(String subscriber, Set<String> types, Start start)
      throws JournalException {
    KafkaSubscription subscription =
        opened(
            subscriber,
            () -> KafkaSubscription.open(ownership, topics, eventTopics, subscriber, types, start));
    subscriptions.removeIf(KafkaSubscription::isClosed);
    subscriptions.add(subscription);
    return subscription;
  }

  @Override
  public Subscription openToDecide(String subscriber) throws JournalException {
    return opened(
        subscriber,
        () -> KafkaSubscription.openToDecide(ownership, topics, eventTopics, subscriber));
  }

  /** Opens a subscription. */
  @FunctionalInterface
  private interface Opening {
    KafkaSubscription open() throws JournalException, InterruptedException;
  }

  private KafkaSubscription opened(String subscriber, Opening opening) throws JournalException {
    String doing = "opening the cursor of the subscriber " + subscriber;
    requireUsable(doing);
    try {
      return opening.open();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JournalException(JournalException.Kind.UNAVAILABLE, doing + ": interrupted", e);
    }
  }

  @Override
  public void drop(List<DeadLetter> letters, Act act)
      throws JournalException, InterruptedException {
    requireUsable(Clerk.DOING);
    clerk.drop(letters, act);
  }

  @Override
  public void forget(String subscriber, Act act) throws JournalException, InterruptedException {
    requireUsable("forgetting the subscriber " + subscriber);
    Cursor.forget(ownership, subscriber, act);
  }

  @Override
  public JournalStatus status() {
    subscriptions.removeIf(KafkaSubscription::isClosed);
    Map<String, Integer> parked = new HashMap<>();
    for (KafkaSubscription subscription : subscriptions) {
      parked.put(subscription.name(), subscription.parkedKeys().size());
    }
    return new JournalStatus(
        figures.bytes(), -1, figures.deadLetters(), lags.of(subscriptions), parked);
  }

  @Override
  public void close() {
    usable = false;
    figures.close();
    writers.close(ABORT_TIMEOUT);
    connection.admin().close(ABORT_TIMEOUT);
  }
}
