package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.ExitCode;
import io.rowbell.spi.FailPoint;
import io.rowbell.testkit.FaultSchedule;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.LostReplies;
import io.rowbell.testkit.TcpProxy;
import io.rowbell.testkit.TcpProxy.Direction;
import io.rowbell.testkit.TcpProxy.Kind;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * All faults of the matrix by name, for one engine after another, and the supervisor that starts
 * the next. What a name does follows from the seed and from how often it came before.
 *
 * <p>Some faults last: others meet the engine meanwhile, until one comes that says {@code heal}. An
 * engine may end by itself only before it has streamed, because the database cannot be had.
 */
final class Mixture implements AutoCloseable {
  /** The longest that any wait may take on a busy machine: then the step fails. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration LOOKS = Duration.ofMillis(50);

  /** How long an orderly end may take: the engine's own grace and a little. */
  private static final Duration GRACE = Duration.ofSeconds(25);

  /** After how long a stall must be told (G7), and a little for looking. */
  private static final Duration TOLD = Promised.STALL.plus(Promised.BUSY_MACHINE);

  /** So slow that most of a COPY is still on its way when its first part is read. */
  private static final int BYTES_PER_SECOND = 32_000;

  private static final Duration SLOW = Duration.ofMillis(50);
  private static final int WITHIN_MILLIS = 700;
  private static final int LATEST_PASSING = 8;
  private static final int LATEST_ROW = 600;
  private static final int SIGTERM_STATUS = 143;

  /** Faults that meet every engine. */
  private static final List<String> EVERYWHERE =
      List.of(
          "kill",
          "kill-when-ready",
          "terminate",
          "stop",
          "halt-before-append",
          "halt-appended",
          "halt-marked",
          "halt-confirming",
          "halt-row",
          "halt-transaction-part",
          "cut-transaction",
          "end-stream",
          "end-writer",
          "kill-server",
          "stop-server",
          "cut-stream",
          "cut-sql",
          "cut-all",
          "finish-all",
          "blackhole-stream",
          "blackhole-sql",
          "half-open",
          "deaf",
          "refuse",
          "slow",
          "alter-table");

  /** Faults that take longer than a short run has. */
  private static final List<String> PATIENT = List.of("stop-long", "outlast", "settle");

  private static final List<String> WITH_A_FILE = List.of("halt-sqlite-written", "hold-file");

  private static final List<String> WITH_A_BROKER =
      List.of(
          "halt-kafka-sent",
          "halt-kafka-committed",
          "kill-broker",
          "stop-broker",
          "cut-broker",
          "blackhole-broker",
          "lose-reply",
          "lose-replies");

  private final FaultCase fault;
  private final long seed;
  private final Map<String, Random> randoms = new HashMap<>();
  private final List<String> history = new ArrayList<>();
  private final @Nullable KafkaBroker broker;
  private @Nullable Connection holder;
  private EngineProcess engine;
  private int engines = 1;
  private int turnedAway;
  private boolean widened;
  private boolean tapped;

  /** Starts the first engine. */
  Mixture(FaultCase fault, JournalKind journal, long seed) {
    this.fault = fault;
    this.seed = seed;
    this.broker = journal == JournalKind.KAFKA ? FaultServers.broker() : null;
    this.engine = fault.engine();
  }

  /**
   * The names to choose of, some more than once: of what heals there is enough for something to
   * happen between.
   *
   * @param patient whether there is time for those that last
   */
  static List<String> names(JournalKind journal, boolean patient) {
    List<String> names = new ArrayList<>(EVERYWHERE);
    names.addAll(journal == JournalKind.KAFKA ? WITH_A_BROKER : WITH_A_FILE);
    if (patient) {
      names.addAll(PATIENT);
    }
    names.addAll(Collections.nCopies(names.size() / 6, "heal"));
    return names;
  }

  /** What the names mean. */
  Map<String, FaultSchedule.Fault> faults() {
    return Stream.of(EVERYWHERE, PATIENT, WITH_A_FILE, WITH_A_BROKER, List.of("heal"))
        .flatMap(List::stream)
        .collect(Collectors.toMap(name -> name, name -> () -> meet(name)));
  }

  /** The next engine is started first if there is none. */
  private void meet(String name) throws Exception {
    revive();
    history.add(">>> " + Instant.now() + " " + name);
    fault.begun();
    inject(name);
    fault.look();
  }

  private void inject(String name) throws Exception {
    switch (name) {
      case "kill" -> kill(name);
      case "kill-when-ready" -> {
        EngineProcess unused = awaitReady();
        kill(name);
      }
      case "terminate" -> terminate();
      case "stop" -> engine.process().suspend();
      case "stop-long" -> {
        engine.process().suspend();
        fault.awaitNoStream();
      }
      case "outlast" -> outlast();
      case "settle" -> settle();
      case "halt-before-append" -> halt(FailPoint.BEFORE_APPEND);
      case "halt-appended" -> halt(FailPoint.APPENDED);
      case "halt-marked" -> halt(FailPoint.MARKED);
      case "halt-confirming" -> halt(FailPoint.CONFIRMING);
      case "halt-row" -> halt(FailPoint.ROW);
      case "halt-transaction-part" -> halt(FailPoint.TRANSACTION_PART);
      case "cut-transaction" -> cutTransaction();
      case "halt-sqlite-written" -> halt(FailPoint.SQLITE_WRITTEN);
      case "halt-kafka-sent" -> halt(FailPoint.KAFKA_SENT);
      case "halt-kafka-committed" -> halt(FailPoint.KAFKA_COMMITTED);
      case "hold-file" -> holdFile();
      case "alter-table" -> alterTable();
      case "heal" -> {
        heal();
        fault.healed();
      }
      default -> {
        if (name.endsWith("-broker") || name.startsWith("lose-")) {
          injectInto(Objects.requireNonNull(broker, "only with a broker"), name);
        } else {
          injectIntoTheDatabase(name);
        }
      }
    }
  }

  private void injectIntoTheDatabase(String name) throws SQLException {
    TcpProxy proxy = fault.proxy();
    switch (name) {
      case "end-stream" -> Backends.terminateStream(fault);
      case "end-writer" -> Backends.terminateWriter(fault);
      case "kill-server" -> {
        fault.postgres().kill();
        fault.postgres().restart();
      }
      case "stop-server" -> {
        fault.postgres().stopImmediately();
        fault.postgres().restart();
      }
      case "cut-stream" -> proxy.cut(Kind.REPLICATION);
      case "cut-sql" -> proxy.cut(Kind.SQL);
      case "cut-all" -> proxy.cut();
      case "finish-all" -> proxy.finish();
      case "blackhole-stream" -> proxy.blackhole(Kind.REPLICATION);
      case "blackhole-sql" -> proxy.blackhole(Kind.SQL);
      case "half-open" -> proxy.halfOpen(Direction.TO_CLIENT);
      case "deaf" -> proxy.halfOpen(Direction.TO_SERVER);
      case "refuse" -> proxy.refuse();
      case "slow" -> proxy.delay(SLOW);
      default -> throw new IllegalArgumentException("there is no fault '" + name + "'");
    }
  }

  private void injectInto(KafkaBroker kafka, String name) {
    switch (name) {
      case "kill-broker" -> {
        kafka.kill();
        kafka.restart();
      }
      case "stop-broker" -> kafka.suspend();
      case "cut-broker" -> kafka.proxy().cut();
      case "blackhole-broker" -> kafka.proxy().blackhole();
      case "lose-reply" -> loseReplies(kafka, 1);
      case "lose-replies" -> loseReplies(kafka, Integer.MAX_VALUE);
      default -> throw new IllegalArgumentException("there is no fault '" + name + "'");
    }
  }

  private void loseReplies(KafkaBroker kafka, int replies) {
    tapped = true;
    kafka.proxy().tap(new LostReplies(LostReplies.END_TXN, replies));
    kafka.proxy().cut();
  }

  private Random random(String name) {
    return randoms.computeIfAbsent(name, of -> new Random(seed * 31 + of.hashCode()));
  }

  /** Starts another engine if there is none; the last one must have had a reason to end. */
  private void revive() throws InterruptedException {
    if (engine.running()) {
      return;
    }
    if (!wasTurnedAway()) {
      throw new AssertionError(
          "the engine has ended by itself with " + engine.process().awaitExit(PATIENCE));
    }
    startAgain();
  }

  /** Whether there is none because the database could not be had when it was started. */
  private boolean wasTurnedAway() throws InterruptedException {
    return !engine.running()
        && engine.process().awaitExit(PATIENCE) == ExitCode.SOURCE_UNREACHABLE.code()
        && !hasStreamed();
  }

  private void startAgain(String... options) {
    turnedAway++;
    start(options);
  }

  private boolean hasStreamed() {
    return engine.output().contains(" streams from ");
  }

  private void start(String... options) {
    engine.close();
    keepOutput();
    engine = fault.engine(options);
    engines++;
  }

  private void kill(String name) throws InterruptedException {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random(name).nextInt(WITHIN_MILLIS)));
    if (engine.running()) {
      start();
    } else {
      revive();
    }
  }

  private void halt(FailPoint point) throws SQLException, InterruptedException {
    heal();
    startTo(point, "halt", () -> !engine.running());
    assertThat(engine.process().awaitExit(PATIENCE))
        .as("halted at %s", point)
        .isEqualTo(FailPoint.HALTED);
    start();
  }

  /** Stopped inside a transaction, of which a part is durable or about to be; so it loses it. */
  private void cutTransaction() throws SQLException, InterruptedException {
    FailPoint point = FailPoint.TRANSACTION_PART;
    String reached = "failpoint " + point.label() + " reached";
    heal();
    fault.proxy().throttle(BYTES_PER_SECOND, Kind.REPLICATION);
    startTo(point, "suspend", () -> engine.output().contains(reached));
    engine.awaitSuspended(point);
    fault.proxy().cut(Kind.REPLICATION);
    fault.proxy().heal(Kind.REPLICATION);
    engine.process().resume();
  }

  /** Starts an engine that comes to a place in the code, as often as it is turned away before. */
  private void startTo(FailPoint point, String action, Callable<Boolean> there) {
    int latest = point == FailPoint.ROW ? LATEST_ROW : LATEST_PASSING;
    String order = point.option(action + "@" + (1 + random(point.label()).nextInt(latest)));
    start(order);
    Awaitility.await()
        .alias(order)
        .atMost(PATIENCE)
        .pollInterval(LOOKS)
        .until(
            () -> {
              if (wasTurnedAway()) {
                startAgain(order);
              }
              return there.call();
            });
  }

  private void terminate() throws InterruptedException {
    engine.process().resume();
    boolean early = !hasStreamed();
    engine.process().terminate();
    int status = engine.process().awaitExit(GRACE);
    // A JVM that has not come to our code yet ends as any process does.
    if (!early || (status != SIGTERM_STATUS && status != ExitCode.SOURCE_UNREACHABLE.code())) {
      assertThat(status).as("the status after SIGTERM").isZero();
    }
    start();
  }

  /** Nothing comes through any more, for as long as may pass until that must be told. */
  private void outlast() {
    engine.process().resume();
    fault.proxy().blackhole();
    Awaitility.await().alias("readiness goes").atMost(TOLD).until(() -> !engine.ready());
  }

  private void settle() throws Exception {
    Duration unused = fault.awaitProgress(awaitReady());
  }

  /** Ends all that lasts. */
  private void heal() throws SQLException {
    fault.proxy().heal();
    if (engine.running()) {
      engine.process().resume();
    }
    release();
    if (broker != null) {
      broker.resume();
      broker.proxy().heal();
      if (tapped) {
        tapped = false;
        broker.proxy().tap(() -> TcpProxy.Tap.NONE);
        broker.proxy().cut();
      }
    }
  }

  /**
   * Ends all that lasts, and waits for an engine that moves; records how long that took, unless it
   * is ready for the first time: that is recorded by itself.
   *
   * @return it
   */
  EngineProcess awaitReady() throws Exception {
    EngineProcess before = engine;
    boolean again = before.wasReady();
    heal();
    fault.healed();
    long began = System.nanoTime();
    Awaitility.await()
        .alias("an engine that is ready")
        .atMost(PATIENCE)
        .pollInterval(LOOKS)
        .until(
            () -> {
              revive();
              return engine.ready();
            });
    if (again && engine == before) {
      fault.recovered(Duration.ofNanos(System.nanoTime() - began));
    }
    return engine;
  }

  /** A column that no rule reads comes, or goes again. */
  private void alterTable() throws SQLException {
    fault
        .postgres()
        .execute(
            fault.database(),
            "ALTER TABLE ledger "
                + (widened ? "DROP COLUMN extra" : "ADD COLUMN extra int DEFAULT 7"));
    widened = !widened;
  }

  /** Somebody else writes to the file, and does not end. */
  private void holdFile() throws SQLException {
    if (holder == null) {
      engine.process().resume(); // if it was stopped while it wrote, nobody else can
      holder = DriverManager.getConnection("jdbc:sqlite:" + fault.journalFile());
      try (Statement statement = holder.createStatement()) {
        statement.execute("PRAGMA busy_timeout = 20000");
        statement.execute("BEGIN IMMEDIATE");
      }
    }
  }

  private void release() throws SQLException {
    if (holder != null) {
      holder.close();
      holder = null;
    }
  }

  private void keepOutput() {
    history.add(">>> " + Instant.now() + " the engine had said:");
    history.addAll(engine.process().output());
  }

  /** How many engines there were. */
  String count() {
    return "%d engines, %d of them turned away at their start".formatted(engines, turnedAway);
  }

  /** All faults and all that the engines have said, in order. */
  String told() {
    keepOutput();
    return String.join("\n", history);
  }

  @Override
  public void close() throws SQLException {
    engine.close();
    heal();
  }
}
