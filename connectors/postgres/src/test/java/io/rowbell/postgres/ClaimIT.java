package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.postgres.SlotLock.Holder;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import io.rowbell.testkit.PostgresServer;
import io.rowbell.testkit.TcpProxy;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who holds a slot says that it lives, and keeps it; who comes second waits for it. */
class ClaimIT {
  /** Of one that says something every half a second. */
  private static final Duration LONG_SILENCE = Duration.ofSeconds(2);

  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aSecondSourceWaitsWithAReasonAndTakesOver() throws Exception {
    Followed db = new Followed(server, "second");
    db.sql("create table t (id int primary key); create table o (id int)");
    String blocker = "another process follows slot 'slot_second'";
    try (Connection holder = server.connect(db.name);
        Statement statement = holder.createStatement()) {
      statement.execute("select pg_advisory_lock(hashtextextended('rowbell slot slot_second', 0))");
      try (RunningSource second = db.follow("public.t")) {
        Awaitility.await()
            .until(() -> String.valueOf(second.source.status().waitingFor()).contains(blocker));
        assertThat(second.source.status().connected()).isFalse();
        statement.execute("select pg_advisory_unlock_all()");
        db.sql("insert into t values (1)");
        second.awaitChanges(1);
        second.stop();
      }
    }
  }

  @Test
  void aStreamThatIsLostIsNoReasonToGiveTheLockBack() throws Exception {
    Followed db = new Followed(server, "kept");
    db.sql("create table t (id int primary key)");
    try (RunningSource running = db.follow("public.t")) {
      db.sql("insert into t values (1)");
      running.awaitChanges(1);
      Holder before = holder(db).orElseThrow();
      db.sql(
          "select pg_terminate_backend(active_pid, 5000) from pg_replication_slots"
              + " where slot_name = 'slot_kept'");
      db.sql("insert into t values (2)");
      running.awaitChanges(2);
      assertThat(holder(db).map(Holder::backend)).contains(before.backend());
      running.stop();
      Awaitility.await().until(() -> holder(db).isEmpty());
    }
  }

  @Test
  void aClaimSaysThatItLivesThoughNobodyFollowsYet() throws Exception {
    Followed db = new Followed(server, "said");
    try (Source source = RunningSource.source(db.settings, "slot_said")) {
      source.claim();
      AtomicReference<Duration> longest = new AtomicReference<>(Duration.ZERO);
      Awaitility.await()
          .until(
              () -> {
                Duration silence = Objects.requireNonNull(holder(db).orElseThrow().silence());
                return silence.compareTo(longest.getAndSet(silence)) < 0;
              });
    }
  }

  @Test
  void aClaimSaysThatItLivesWhileAStreamIsOpened() throws Exception {
    Followed db = new Followed(server, "opened");
    db.sql("create table t (id int primary key)");
    try (TcpProxy proxy = TcpProxy.toPostgres(server.host(), server.port())) {
      db.settings = RunningSource.at(db.settings, proxy.port());
      try (RunningSource running = db.follow("public.t")) {
        db.sql("insert into t values (1)");
        running.awaitChanges(1);
        proxy.blackhole(TcpProxy.Kind.REPLICATION);
        proxy.cut(TcpProxy.Kind.REPLICATION);
        Awaitility.await().until(() -> running.source.status().waitingFor() != null);
        assertThat(longestSilence(db)).isLessThan(LONG_SILENCE);
        assertThat(running.source.status().connected()).isFalse();
        proxy.heal();
        db.sql("insert into t values (2)");
        running.awaitChanges(2);
        running.stop();
      }
    }
  }

  @Test
  void aClaimSaysThatItLivesWhileAStreamIsClosed() throws Exception {
    Followed db = new Followed(server, "closed");
    db.sql("create table t (id int primary key)");
    try (TcpProxy proxy = TcpProxy.toPostgres(server.host(), server.port())) {
      db.settings =
          RunningSource.waiting(
              RunningSource.at(db.settings, proxy.port()),
              Duration.ofSeconds(60),
              Duration.ofSeconds(4));
      try (RunningSource running = db.follow("public.t")) {
        db.sql("insert into t values (1)");
        running.awaitChanges(1);
        CountDownLatch refused = new CountDownLatch(1);
        db.journal.refuses =
            batch -> {
              proxy.blackhole(TcpProxy.Kind.REPLICATION);
              refused.countDown();
              return true;
            };
        refused.await();
        assertThat(longestSilence(db)).isLessThan(LONG_SILENCE);
        assertThat(running.awaitFailure()).hasMessage("the journal refuses");
      }
    }
  }

  /** How long the session with the lock says nothing, while it is watched for a little longer. */
  private static Duration longestSilence(Followed db) {
    AtomicLong longest = new AtomicLong();
    long start = System.nanoTime();
    Awaitility.await()
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              Duration silence = Objects.requireNonNull(holder(db).orElseThrow().silence());
              longest.accumulateAndGet(silence.toMillis(), Math::max);
              return System.nanoTime() - start > LONG_SILENCE.plusSeconds(1).toNanos();
            });
    return Duration.ofMillis(longest.get());
  }

  @Test
  void whoLosesOnlyItsSessionKeepsTheSlotFromWhoStandsBy() throws Exception {
    Followed db = new Followed(server, "standing");
    db.sql("create table t (id int primary key)");
    try (RunningSource running = db.follow("public.t");
        Source other =
            RunningSource.source(
                RunningSource.marking(db.settings, Duration.ofSeconds(4)), "slot_standing")) {
      db.sql("insert into t values (0)");
      running.awaitChanges(1);
      CompletableFuture<Void> waiting =
          CompletableFuture.runAsync(
              () -> {
                try {
                  other.standBy(Duration.ofSeconds(20));
                } catch (SourceException | InterruptedException e) {
                  throw new CompletionException(e);
                }
              });
      Awaitility.await()
          .until(() -> String.valueOf(other.status().waitingFor()).contains("standing by"));
      for (int i = 1; i <= 3; i++) {
        Holder lost = holder(db).orElseThrow();
        String stream = stream(db);
        db.sql("select pg_terminate_backend(" + lost.backend().pid() + ", 5000)");
        db.sql("insert into t values (" + i + ")");
        Awaitility.await()
            .until(
                () -> holder(db).filter(now -> !now.backend().equals(lost.backend())).isPresent());
        Awaitility.await().until(() -> !List.of("", stream).contains(stream(db)));
        running.awaitChanges(i + 1);
        assertThat(waiting).isNotDone();
      }
      running.stop();
      other.stop();
      waiting.get();
    }
  }

  @Test
  void aRenewedSourceWaitsForALostDatabaseUntilItIsThereOrSomebodyStopsIt() throws Exception {
    Followed db = new Followed(server, "renewed");
    try (TcpProxy proxy = TcpProxy.toPostgres(server.host(), server.port());
        Source source =
            RunningSource.source(RunningSource.at(db.settings, proxy.port()), "slot_renewed")) {
      source.claim();
      lose(proxy);
      try (Source renewed = source.renew()) {
        CompletableFuture<Void> claimed = claimingInVain(renewed);
        assertThat(claimed).isNotDone();
        proxy.heal();
        claimed.get();
        assertThat(holder(db)).isPresent();

        lose(proxy);
        try (Source again = renewed.renew()) {
          CompletableFuture<Void> stopped = claimingInVain(again);
          assertThat(stopped).isNotDone();
          again.stop();
          stopped.get();
        }
      }
      Awaitility.await().until(() -> holder(db).isEmpty());
    }
  }

  private static void lose(TcpProxy proxy) {
    proxy.refuse();
    proxy.cut();
  }

  /** A claim that waits, as the database cannot be reached. */
  private static CompletableFuture<Void> claimingInVain(Source source) {
    CompletableFuture<Void> claimed = claiming(source);
    Awaitility.await()
        .until(() -> String.valueOf(source.status().waitingFor()).contains("reached"));
    return claimed;
  }

  @Test
  void aRenewedSourceEndsTheSessionThatTheServerBelievesToLive() throws Exception {
    Followed db = new Followed(server, "believed");
    try (TcpProxy far = TcpProxy.toPostgres(server.host(), server.port());
        TcpProxy near = TcpProxy.toPostgres(far.host(), far.port());
        Source source =
            RunningSource.source(
                RunningSource.waiting(
                    RunningSource.at(db.settings, near.port()),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(5)),
                "slot_believed")) {
      source.claim();
      Holder lost = holder(db).orElseThrow();
      far.blackhole();
      near.redirect(server.host(), server.port());
      try (Source renewed = source.renew()) {
        assertThat(holder(db).map(Holder::backend)).contains(lost.backend());
        renewed.claim();
        assertThat(holder(db).orElseThrow().backend()).isNotEqualTo(lost.backend());
      }
    }
  }

  @Test
  void aRenewedSourceDoesNotWaitForAnotherProcess() throws Exception {
    Followed db = new Followed(server, "given");
    db.settings =
        RunningSource.waiting(db.settings, Duration.ofMinutes(10), Duration.ofSeconds(10));
    try (Source source = RunningSource.source(db.settings, "slot_given")) {
      source.claim();
      try (Source renewed = source.renew();
          Connection holder = server.connect(db.name);
          Statement statement = holder.createStatement()) {
        statement.execute(
            "select pg_advisory_lock(hashtextextended('rowbell slot slot_given', 0))");
        assertThat(claiming(renewed))
            .failsWithin(Duration.ofSeconds(20))
            .withThrowableOfType(ExecutionException.class)
            .withCauseInstanceOf(SourceException.class)
            .withMessageContaining("another process follows slot 'slot_given'");
      }
    }
  }

  private static CompletableFuture<Void> claiming(Source source) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            source.claim();
          } catch (SourceException | InterruptedException e) {
            throw new CompletionException(e);
          }
        });
  }

  private static String stream(Followed db) throws Exception {
    String pid =
        db.one("select active_pid from pg_replication_slots where slot_name = '" + db.slot() + "'");
    return pid == null ? "" : pid;
  }

  private static Optional<Holder> holder(Followed db) throws Exception {
    try (Connection connection = server.connect(db.name)) {
      return SlotLock.holder(connection, "slot_" + db.name);
    }
  }
}
