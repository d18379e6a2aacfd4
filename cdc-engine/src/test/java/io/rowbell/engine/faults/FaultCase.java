package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.Engine;
import io.rowbell.engine.ExitCode;
import io.rowbell.engine.cli.Main;
import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.model.Position;
import io.rowbell.spi.FailPoint;
import io.rowbell.testkit.FaultReport;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.JournalEvent;
import io.rowbell.testkit.Ledger;
import io.rowbell.testkit.LedgerWorkload;
import io.rowbell.testkit.Ports;
import io.rowbell.testkit.PostgresServer;
import io.rowbell.testkit.TcpProxy;
import io.rowbell.testkit.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * One case of the fault matrix: a database with a ledger, a journal, an engine in a JVM of its own
 * behind proxies, a workload, and the verdict at the end.
 *
 * <pre>{@code
 * try (FaultCase fault = FaultCase.begin("F02", journal, directory)) {
 *   fault.workload(fault.gentleLoad());
 *   try (EngineProcess engine = fault.engine(FailPoint.APPENDED.option("halt@3"))) {
 *     engine.awaitHalt(FailPoint.APPENDED);
 *     fault.injected();
 *   }
 *   try (EngineProcess engine = fault.engine()) {
 *     engine.awaitReady();
 *     fault.verify(engine);
 *   }
 * }
 * }</pre>
 *
 * <p>A fault that another engine's start does not end is ended by {@link #healed}: what is promised
 * counts from the last of both (G6), and a case that forgets it fails. How long each engine after
 * the first took until changes arrived is recorded by itself, and whether readiness was true
 * meanwhile (G7).
 */
final class FaultCase implements AutoCloseable {
  /** How soon an engine that must end has ended, its start included. */
  private static final Duration ENDED = Duration.ofSeconds(60);

  /** What an engine may take, in MiB, its heap being 192 (G8). */
  private static final long MOST_MEMORY = 512;

  private final String number;
  private final JournalKind kind;
  private final String database;
  private final long seed;
  private final PostgresServer postgres = FaultServers.postgres();
  private final TcpProxy proxy = TcpProxy.toPostgres(postgres.host(), postgres.port());
  private final Ledger ledger;
  private final CaseSettings settings;
  private final CaseFiles files;
  private final CaseJournal journal;
  private final CaseSlot slot;
  private final FaultClock clock = new FaultClock();
  private final SlotSampler sampler;
  private final MovementSampler movement;
  private final List<EngineProcess> engines = new ArrayList<>();
  private final List<Duration> recoveries = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private @Nullable LedgerWorkload load;
  private boolean concluded;

  private FaultCase(
      String number, JournalKind kind, Path directory, CaseSettings settings, String tables)
      throws Exception {
    this.number = number;
    this.kind = kind;
    this.database = (number + "_" + kind.label()).toLowerCase(Locale.ROOT);
    this.seed = FaultOptions.SEED;
    postgres.createDatabase(database);
    this.ledger = Ledger.create(postgres, database);
    this.settings = settings;
    if (!tables.isEmpty()) {
      postgres.execute(database, tables);
    }
    this.files = new CaseFiles(directory, database, kind, postgres, proxy, Ports.free());
    files.rules(settings.rules(database));
    EngineConfig config = ConfigLoader.load(files.settings(settings));
    List<String> unused = Engine.from(config).prepareDatabase();
    this.journal = new CaseJournal(kind, config, files.journalFile());
    this.slot = new CaseSlot(postgres, database);
    this.sampler =
        new SlotSampler(
            postgres,
            database,
            journal::durable,
            Duration.ofMillis(kind == JournalKind.SQLITE ? 200 : 1_000));
    this.movement = new MovementSampler(postgres, database, clock);
  }

  /** A load with the case's seed. */
  LedgerWorkload.Builder load() {
    return LedgerWorkload.on(ledger).seed(seed);
  }

  /** A load for as long as the case takes, and such that a slow machine can follow. */
  LedgerWorkload.Builder gentleLoad() {
    return load().pause(Duration.ofMillis(100)).copyRows(50);
  }

  /** Begins a case with the usual settings. */
  static FaultCase begin(String number, JournalKind journal, Path directory) throws Exception {
    return begin(number, journal, directory, CaseSettings.USUAL);
  }

  /**
   * Begins a case.
   *
   * @param number for example {@code F01}; once for each journal
   * @param source more settings of {@code source.postgres}, as in a YAML flow mapping
   */
  static FaultCase begin(String number, JournalKind journal, Path directory, String source)
      throws Exception {
    return begin(number, journal, directory, CaseSettings.USUAL.source(source));
  }

  /** Begins a case with settings of its own. */
  static FaultCase begin(String number, JournalKind journal, Path directory, CaseSettings settings)
      throws Exception {
    return begin(number, journal, directory, settings, "");
  }

  /**
   * Begins a case with settings and tables of its own.
   *
   * @param tables statements that make them
   */
  static FaultCase begin(
      String number, JournalKind journal, Path directory, CaseSettings settings, String tables)
      throws Exception {
    return new FaultCase(number, journal, directory, settings, tables);
  }

  /** Begins a case with more than the ledger, whose engine may be killed while one looks on. */
  static FaultCase begin(String number, JournalKind journal, Path directory, Beside beside)
      throws Exception {
    CaseSettings settings =
        CaseSettings.IMPATIENT.triggers(beside.triggers().replaceAll("(?m)^  ", ""));
    return new FaultCase(number, journal, directory, settings, beside.sql());
  }

  /**
   * What there is beside the ledger.
   *
   * @param sql makes the tables
   * @param triggers rules about them, each a line that begins with two blanks and a dash
   */
  record Beside(String sql, String triggers) {}

  /** Writes the rules: the ledger's, and these. For the next start. */
  void rules(String triggers) throws IOException {
    files.rules(triggers);
  }

  /**
   * Writes the configuration. For the next start.
   *
   * @param source settings of {@code source.postgres}, as in a YAML flow mapping
   */
  void settings(String source) throws IOException {
    Path unused = files.settings(settings.source(source));
  }

  Ledger ledger() {
    return ledger;
  }

  PostgresServer postgres() {
    return postgres;
  }

  /** The name of the database, of the slot and of the pipeline. */
  String database() {
    return database;
  }

  /** What the engine reaches PostgreSQL through. */
  TcpProxy proxy() {
    return proxy;
  }

  /** What all choices follow from. */
  long seed() {
    return seed;
  }

  /** Starts the workload, for example {@link #gentleLoad}. */
  LedgerWorkload workload(LedgerWorkload.Builder builder) {
    load = builder.start();
    return load;
  }

  /** Starts an engine; does not wait. */
  EngineProcess engine(String... options) {
    return engine(Main.class, options);
  }

  /** Starts an engine by a test's own main class, which calls {@link Main}. */
  EngineProcess engine(Class<?> main, String... options) {
    EngineProcess engine = start(main, files.httpPort(), options);
    engines.add(engine);
    return engine;
  }

  /** Starts a second one of the same pipeline; does not wait. */
  EngineProcess secondEngine(String... options) {
    return start(Main.class, Ports.free(), options);
  }

  private EngineProcess start(Class<?> main, int httpPort, String... options) {
    EngineProcess engine = EngineProcess.start(main, files.directory(), httpPort, options);
    clock.started();
    movement.watch(engine);
    return engine;
  }

  /** Has a command of {@code rowbell} carried out, which must go well. */
  void rowbell(String... command) throws InterruptedException {
    try (JavaProcess process =
        JavaProcess.of(Main.class).directory(files.directory()).args(command).start()) {
      assertThat(process.awaitExit(ENDED)).as(String.join("\n", process.output())).isZero();
    }
  }

  /** Starts an engine that ends at a fail point, and waits until it has. */
  void halt(FailPoint point, long passing) throws InterruptedException {
    haltUnseen(point, passing);
    sampler.look();
  }

  /**
   * The same, and nobody looks: while a transaction is left open in Kafka, that would wait for as
   * long as it may be.
   */
  void haltUnseen(FailPoint point, long passing) throws InterruptedException {
    try (EngineProcess engine = engine(point.option("halt@" + passing))) {
      engine.awaitHalt(point);
    }
    clock.injected();
  }

  /**
   * A fault was injected: it is over when the next engine is started, or {@link #healed}. A good
   * moment to look what PostgreSQL was told (G4).
   */
  void injected() {
    clock.injected();
    look();
  }

  /** A fault begins that an engine's start does not end, only {@link #healed}. Nobody looks. */
  void begun() {
    clock.begun();
  }

  /** The last fault ends at this moment: from here on everything has its time (G6). */
  void healed() {
    clock.healed();
  }

  /** A fault was injected and is over. */
  void passed() {
    clock.injected();
    clock.healed();
    look();
  }

  /** Looks what PostgreSQL was told (G4). */
  void look() {
    sampler.look();
  }

  /** There is more to be caught up with than can be in the usual time. */
  void caughtUpWithin(Duration time) {
    movement.movement().caughtUpWithin(time);
  }

  /** Waits until nothing has been confirmed for so long. */
  void awaitStill(Duration time) {
    Awaitility.await()
        .atMost(time.plus(ENDED))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> movement.movement().still().compareTo(time) > 0);
  }

  /** Changes arrive again that had not since a fault, in the same process; how long that took. */
  void recovered(Duration after) {
    recoveries.add(after);
  }

  /** How long the slowest recovery took. */
  Duration slowestRecovery() {
    return recoveries().stream().max(Comparator.naturalOrder()).orElse(Duration.ZERO);
  }

  /** Those that were recorded, and each engine's after the first. */
  private List<Duration> recoveries() {
    List<Duration> all = new ArrayList<>(recoveries);
    engines.stream().skip(1).forEach(engine -> engine.recovery(clock).ifPresent(all::add));
    return all;
  }

  /** The SQLite journal's file. */
  Path journalFile() {
    return files.journalFile();
  }

  /** Deletes the journal; its events count on, those that come again once. */
  void wipeJournal() throws SQLException, IOException {
    journal.wipe();
    injected();
  }

  /** The journal, from outside. */
  CaseJournal journal() {
    return journal;
  }

  /**
   * Waits until everything that is committed now is in the journal and confirmed.
   *
   * @return how long that took
   */
  Duration awaitProgress(EngineProcess engine) throws SQLException {
    return awaitProgress(engine, Promised.CAUGHT_UP);
  }

  /** The same, for more than can be caught up with in the usual time. */
  Duration awaitProgress(EngineProcess engine, Duration atMost) throws SQLException {
    long began = System.nanoTime();
    if (!caughtUp(engine, atMost)) {
      throw new AssertionError("G6 it does not move\n" + about(engine));
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /** Waits until nothing is read from PostgreSQL. */
  void awaitNoStream() {
    Awaitility.await()
        .atMost(ENDED)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> !slot.isRead());
  }

  /** Ends the workload, waits until the engine has caught up, and compares. */
  void verify(EngineProcess engine) throws SQLException {
    verdict(engine).requireClean(about(engine));
  }

  /** Ends the workload, waits until the engine has caught up, compares, and writes the report. */
  Verdict verdict(EngineProcess engine) throws SQLException {
    catchUp(engine);
    return conclude();
  }

  /**
   * Ends the workload and, when it has caught up, the engine. What happens to the slot from here on
   * is the case's own doing.
   */
  void rest(EngineProcess engine) throws SQLException, InterruptedException {
    catchUp(engine);
    engine.process().terminate();
    assertThat(engine.process().awaitExit(ENDED)).as(engine.output()).isZero();
    sampler.look();
    watchNoLonger();
  }

  /** Slot and journal are no longer compared (G4): what happens to them is the case's own doing. */
  void watchNoLonger() {
    sampler.close();
  }

  private void catchUp(EngineProcess engine) throws SQLException {
    running().finish();
    if (clock.soundSince().isEmpty()) {
      violations.add("G6 the case does not say when its last fault was over");
    }
    if (!caughtUp(engine, Promised.CAUGHT_UP)) {
      violations.add("G6 not all is in the journal after " + Promised.CAUGHT_UP);
    }
    long memory = Footprint.resident(engine.process().pid());
    if (memory > MOST_MEMORY) {
      violations.add("G8 the engine takes " + memory + " MiB");
    }
  }

  private LedgerWorkload running() {
    return Objects.requireNonNull(load, "a case has a workload");
  }

  /** Starts an engine that must refuse, and waits until it has. */
  void refused(ExitCode code, String... words) throws InterruptedException {
    try (EngineProcess engine = engine()) {
      recovered(engine.awaitEnd(code, words));
    }
    injected();
  }

  /** Compares the journal as it is with the ledger. */
  void verifyJournal() throws SQLException {
    conclude().requireClean("%s, -Drowbell.faults.seed=%d".formatted(number, seed));
  }

  private Verdict conclude() throws SQLException {
    concluded = true;
    sampler.look();
    watched();
    if (sampler.samples() == 0) {
      violations.add("G4 nobody could look what was confirmed");
    }
    if (movement.movement().looks() == 0) {
      violations.add("G7 nobody could look whether it moves");
    }
    List<JournalEvent> told = journal.events().stream().filter(Ledger::tells).toList();
    Verdict verdict = Verdict.of(ledger, told).with(violations);
    FaultReport.add(
        number, kind.label(), seed, clock.faults(), running().commits(), verdict, recoveries());
    return verdict;
  }

  /** Ends the watching, and takes over what was seen. */
  private void watched() {
    sampler.close();
    movement.close();
    violations.addAll(sampler.violations());
    violations.addAll(movement.violations());
  }

  /** Everything that is committed now is confirmed: so it is in the journal, and no more comes. */
  private boolean caughtUp(EngineProcess engine, Duration atMost) throws SQLException {
    Position end = slot.end();
    try {
      Awaitility.await()
          .atMost(atMost)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> !engine.running() || slot.confirmed().compareTo(end) >= 0);
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      return false;
    }
    engine.requireRunning();
    return true;
  }

  /** The slot, as the server sees it. */
  CaseSlot slot() {
    return slot;
  }

  String about(EngineProcess engine) {
    return "%s %s, -Drowbell.faults.seed=%d, %d faults; the engine:%n%s"
        .formatted(number, kind, seed, clock.faults(), engine.output());
  }

  /**
   * @throws AssertionError if nobody has asked for the verdict and a promise was broken
   */
  @Override
  public void close() throws SQLException {
    if (load != null) {
      load.close();
    }
    watched();
    proxy.close();
    ledger.close();
    Awaitility.await().atMost(ENDED).ignoreExceptions().untilAsserted(slot::drop);
    if (!concluded && !violations.isEmpty()) {
      throw new AssertionError(number + " " + kind + "\n" + String.join("\n", violations));
    }
  }
}
