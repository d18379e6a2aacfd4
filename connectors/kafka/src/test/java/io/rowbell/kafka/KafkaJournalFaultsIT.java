package io.rowbell.kafka;

import static io.rowbell.testkit.Samples.TOPIC;
import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventId;
import io.rowbell.model.Position;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Batch;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Writers and brokers that are killed, stopped and cut. However it goes: each position's event
 * once, in order, and nothing of what was not committed.
 */
class KafkaJournalFaultsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static KafkaBroker broker;

  private AdapterContext pipeline;

  @BeforeAll
  static void startBroker() {
    broker =
        KafkaBroker.with("transaction.abort.timed.out.transaction.cleanup.interval.ms", "200")
            .start();
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void newPipeline() {
    pipeline = Settings.newPipeline();
  }

  private KafkaJournal open() throws JournalException, InterruptedException {
    return KafkaJournal.open(Settings.journal(broker.bootstrapServers()), pipeline);
  }

  private List<DomainEvent> events() throws JournalException, InterruptedException {
    List<DomainEvent> events = new ArrayList<>();
    try (EventReader reader =
        new KafkaJournalFactory()
            .openReader(Settings.journal(broker.bootstrapServers()), pipeline)) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                reader
                    .poll(1_000, Duration.ofMillis(100))
                    .forEach(entry -> events.add(entry.event()));
                return reader.caughtUp();
              });
    }
    return events;
  }

  /** Each of the events 1 to {@code last} once; in order within each key. */
  private void assertExactly(int last) throws JournalException, InterruptedException {
    List<DomainEvent> events = events();
    assertThat(events.stream().map(DomainEvent::id))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, last).mapToObj(Samples::id).toList());
    for (int key = 0; key < 5; key++) {
      String name = "k" + key;
      assertThat(events.stream().filter(event -> name.equals(event.key())))
          .isSortedAccordingTo((a, b) -> a.time().compareTo(b.time()));
    }
  }

  private JavaProcess start(String what) throws InterruptedException {
    JavaProcess process =
        JavaProcess.of(AppendingProcess.class)
            .testLog()
            .args(broker.bootstrapServers(), pipeline.pipeline(), what)
            .start();
    // The whole line: the log may speak of sending, too.
    process.awaitLine(line -> line.equals(what.equals("send") ? "sent" : "appending"), PATIENCE);
    return process;
  }

  @Test
  void whatWasSentAndNotCommittedByAKilledWriterIsNeverSeen() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(1, event("A", "k", 1)));
    }
    try (JavaProcess process = start("send")) {
      process.kill();
    }
    EventId sent = Samples.id(2);
    assertThat(Records.uncommitted(broker.bootstrapServers(), TOPIC))
        .as("it had arrived")
        .anyMatch(
            record ->
                id(record.headers()).equals(sent.toString())
                    && pipelineOf(record.headers()).equals(pipeline.pipeline()));
    try (Journal journal = open()) {
      assertThat(AppendingProcess.next(journal)).isEqualTo(2);
      assertThat(events()).containsExactly(event("A", "k", 1));
      journal.append(batch(2, event("A", "k", 2)));
    }
    assertThat(events()).containsExactly(event("A", "k", 1), event("A", "k", 2));
    assertThat(
            Records.committed(broker.bootstrapServers(), TOPIC).stream()
                .filter(record -> pipelineOf(record.headers()).equals(pipeline.pipeline()))
                .map(record -> id(record.headers())))
        .containsExactly(Samples.id(1).toString(), sent.toString());
  }

  private static String id(Headers headers) {
    return new String(headers.lastHeader("ce_id").value(), UTF_8);
  }

  private static String pipelineOf(Headers headers) {
    return new String(headers.lastHeader("rowbell-pipeline").value(), UTF_8);
  }

  @Test
  void aWriterThatIsKilledAgainAndAgainAppendsEachEventOnce() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 4; i++) {
      try (JavaProcess process = start("append")) {
        Duration moment = Duration.ofMillis(100 + random.nextInt(600));
        await().pollDelay(moment).until(() -> true);
        process.kill();
      }
    }
    try (Journal journal = open()) {
      int next = AppendingProcess.next(journal);
      assertThat(next).as("seed %d", seed).isGreaterThan(10);
      assertExactly(next - 1);
    }
  }

  @Test
  void aBrokerThatIsKilledInMidAppendLosesAndDoublesNothing() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger appended = new AtomicInteger();
    AtomicInteger reopened = new AtomicInteger();
    try {
      Future<Integer> last = thread.submit(() -> appendUntil(stop, appended, reopened));
      for (int kill = 0; kill < 2; kill++) {
        awaitMoreThan(appended, appended.get() + 30);
        broker.kill();
        broker.restart();
      }
      awaitMoreThan(appended, appended.get() + 30);
      stop.set(true);
      assertExactly(last.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void aBrokerThatHangsIsUnavailableInBoundedTimeAndNothingIsDoubled() throws Exception {
    Duration timeout = Duration.ofSeconds(5);
    KafkaJournalSettings impatient =
        Settings.journal(broker.bootstrapServers(), true, timeout, Duration.ofSeconds(10));
    try (Journal journal = KafkaJournal.open(impatient, pipeline)) {
      journal.append(batch(1, event("A", "k1", 1)));
      broker.suspend();
      long start = System.nanoTime();
      JournalException failure =
          catchThrowableOfType(
              JournalException.class, () -> journal.append(batch(2, event("A", "k2", 2))));
      assertThat(failure.kind()).isEqualTo(JournalException.Kind.UNAVAILABLE);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(timeout.multipliedBy(4));
    } finally {
      broker.resume();
    }
    AtomicInteger appended = new AtomicInteger();
    int last = appendUntil(new AtomicBoolean(true), appended, new AtomicInteger());
    assertExactly(last);
  }

  /** Appends one event for each position, and opens the journal anew whenever it has failed. */
  private int appendUntil(AtomicBoolean stop, AtomicInteger appended, AtomicInteger reopened)
      throws Exception {
    long start = System.nanoTime();
    while (System.nanoTime() - start < PATIENCE.multipliedBy(3).toNanos()) {
      try (Journal journal = open()) {
        for (int next = AppendingProcess.next(journal); ; next++) {
          journal.append(batch(next, event("A", "k" + next % 5, next)));
          appended.set(next);
          if (stop.get()) {
            return next;
          }
        }
      } catch (JournalException e) {
        assertThat(e)
            .extracting(JournalException::kind)
            .isEqualTo(JournalException.Kind.UNAVAILABLE);
        reopened.incrementAndGet();
      }
    }
    throw new AssertionError("the journal did not recover in time");
  }

  private static void awaitMoreThan(AtomicInteger value, int bound) {
    await().atMost(PATIENCE).until(() -> value.get() > bound);
  }

  @Test
  void aTransactionThatTheClusterGaveUpIsNoOtherWriter() throws Exception {
    KafkaJournalSettings hasty =
        Settings.journal(
            broker.bootstrapServers(), true, Duration.ofSeconds(4), Duration.ofSeconds(5));
    try (KafkaJournal journal = KafkaJournal.open(hasty, pipeline);
        Admin admin =
            Admin.create(
                Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()))) {
      journal.append(batch(1, event("A", "k1", 1)));
      Batch batch = batch(2, event("A", "k2", 2));
      Transaction transaction = journal.send(batch);
      transaction.flush();
      Names names = new Names(pipeline.pipeline());
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  IntStream.range(0, Writers.COUNT).anyMatch(i -> aborted(admin, names.writer(i))));
      JournalException failure =
          catchThrowableOfType(JournalException.class, () -> journal.commit(batch, transaction));
      assertThat(failure.kind()).isEqualTo(JournalException.Kind.UNAVAILABLE);
      assertThat(failure).hasMessageContaining("transaction-timeout");
    }
    try (Journal journal = open()) {
      assertThat(AppendingProcess.next(journal)).isEqualTo(2);
    }
    assertExactly(1);
  }

  @Test
  @Timeout(60)
  void whoLooksAtAClusterThatStandsStillIsToldInTime() throws Exception {
    KafkaJournalSettings impatient =
        Settings.journal(
            broker.bootstrapServers(), true, Duration.ofSeconds(1), Duration.ofSeconds(10));
    open().close();
    broker.suspend();
    try {
      assertThatThrownBy(() -> KafkaJournal.peek(impatient, pipeline))
          .isInstanceOf(JournalException.class);
      // Interrupted, it closes its client before the last call has run out of time.
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> KafkaJournal.peek(impatient, pipeline))
          .isInstanceOf(InterruptedException.class);
    } finally {
      broker.resume();
    }
  }

  @Test
  void anOpeningBeginsAnewWhenTheClusterGaveItsTransactionUp() throws Exception {
    String bootstrap = broker.bootstrapServers();
    Names names = new Names(pipeline.pipeline());
    try (KafkaJournal journal = open()) {
      journal.append(batch(1, event("A", "k1", 1)));
    }
    AtomicInteger made = new AtomicInteger();
    Writers writers = new Writers();
    try (Admin admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap))) {
      String seen =
          writers.open(
              i ->
                  new LateProducer(
                      bootstrap,
                      names.writer(i),
                      made.getAndIncrement() == 0
                          ? () ->
                              await().atMost(PATIENCE).until(() -> aborted(admin, names.writer(i)))
                          : () -> {}),
              () -> "seen by try " + made.get() / Writers.COUNT,
              JournalState.writerRecord(names.state(), "me"));
      assertThat(seen).isEqualTo("seen by try 2");
      assertThat(made).as("producers of both tries").hasValue(2 * Writers.COUNT);
    } finally {
      writers.close(Duration.ZERO);
    }
    try (Journal journal = open()) {
      assertThat(AppendingProcess.next(journal)).isEqualTo(2);
    }
  }

  @Test
  void whatTheOlderWriterCommitsWhileItIsBeingFencedIsSeen() throws Exception {
    Names names = new Names(pipeline.pipeline());
    Writers writers = new Writers();
    try (KafkaJournal older = open()) {
      older.append(batch(1, event("A", "k", 1)));
      Resume seen =
          writers.open(
              i -> {
                // With the last of its producers, which alone is not fenced yet.
                if (i == Writers.COUNT - 1) {
                  assertThatCode(() -> older.append(batch(2, event("A", "k", 2))))
                      .doesNotThrowAnyException();
                }
                return new LateProducer(broker.bootstrapServers(), names.writer(i), () -> {});
              },
              () ->
                  KafkaJournal.peek(Settings.journal(broker.bootstrapServers()), pipeline)
                      .orElseThrow(),
              JournalState.writerRecord(names.state(), "me"));
      assertThat(seen.checkpoint()).isEqualTo(Checkpoint.at(new Position(2)));
      assertThatThrownBy(() -> older.append(batch(3, event("A", "k", 3))))
          .isInstanceOfSatisfying(
              JournalException.class,
              e -> assertThat(e.kind()).isEqualTo(JournalException.Kind.FENCED));
    } finally {
      writers.close(Duration.ZERO);
    }
  }

  /** A producer whose commit comes after something else. */
  private static final class LateProducer extends KafkaProducer<byte[], byte[]> {
    private final Runnable before;

    LateProducer(String bootstrap, String transactionalId, Runnable before) {
      super(
          Map.of(
              ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
              bootstrap,
              ProducerConfig.TRANSACTIONAL_ID_CONFIG,
              transactionalId,
              ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
              2_000),
          new ByteArraySerializer(),
          new ByteArraySerializer());
      this.before = before;
    }

    @Override
    public void commitTransaction() {
      flush();
      before.run();
      super.commitTransaction();
    }
  }

  private static boolean aborted(Admin admin, String transactionalId) {
    try {
      return admin
              .describeTransactions(List.of(transactionalId))
              .description(transactionalId)
              .get()
              .state()
          == TransactionState.COMPLETE_ABORT;
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void oneWriterIsLeftWhenTwoOpenAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    List<KafkaJournal> opened = new ArrayList<>();
    try {
      List<Future<KafkaJournal>> opening =
          List.of(threads.submit(this::open), threads.submit(this::open));
      for (Future<KafkaJournal> one : opening) {
        try {
          opened.add(one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        } catch (ExecutionException refused) {
          assertThat(refused).hasCauseInstanceOf(JournalException.class);
        }
      }
      int written = 0;
      for (KafkaJournal journal : opened) {
        try {
          // As often as there are producers: none of them may be somebody else's.
          for (int i = 0; i < Writers.COUNT; i++) {
            journal.append(batch(1 + i, event("A", "k", 100 * written + i)));
          }
          written++;
        } catch (JournalException fenced) {
          assertThat(fenced.kind()).isEqualTo(JournalException.Kind.FENCED);
        }
      }
      assertThat(written).isLessThanOrEqualTo(1);
      try (Journal journal = open()) {
        assertThat(AppendingProcess.next(journal)).isEqualTo(1 + events().size());
      }
    } finally {
      opened.forEach(KafkaJournal::close);
      threads.shutdownNow();
    }
  }
}
