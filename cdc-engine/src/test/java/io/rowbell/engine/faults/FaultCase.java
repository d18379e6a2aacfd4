package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.Engine;
import io.rowbell.engine.ExitCode;
import io.rowbell.engine.cli.Main;
import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.Position;
import io.rowbell.spi.FailPoint;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.testkit.FaultReport;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.JournalEvent;
import io.rowbell.testkit.JournalEvents;
import io.rowbell.testkit.KafkaOperator;
import io.rowbell.testkit.Ledger;
import io.rowbell.testkit.LedgerWorkload;
import io.rowbell.testkit.Ports;
import io.rowbell.testkit.PostgresServer;
import io.rowbell.testkit.TcpProxy;
import io.rowbell.testkit.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
 *     fault.recovered(engine.awaitReady());
 *     fault.verify(engine);
 *   }
 * }
 * }</pre>
 */
final class FaultCase implements AutoCloseable {
  /** How soon after all faults everything must be in the journal (G6). */
  private static final Duration CAUGHT_UP = Duration.ofSeconds(30);

  /** How soon an engine that must end has ended, its start included. */
  private static final Duration ENDED = Duration.ofSeconds(60);

  /** What an engine may take, in MiB, its heap being 192 (G8). */
  private static final long MOST_MEMORY = 512;

  private final String number;
  private final JournalKind journal;
  private final Path directory;
  private final String database;
  private final long seed;
  private final PostgresServer postgres = FaultServers.postgres();
  private final TcpProxy proxy = TcpProxy.toPostgres(postgres.host(), postgres.port());
  private final Ledger ledger;
  private final CaseSettings settings;
  private final int httpPort = Ports.free();
  private final EngineConfig config;
  private final SlotSampler sampler;
  private final List<Duration> recoveries = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private final Map<String, JournalEvent> wiped = new LinkedHashMap<>();
  private @Nullable LedgerWorkload load;
  private int faults;

  private FaultCase(
      String number, JournalKind journal, Path directory, CaseSettings settings, String tables)
      throws Exception {
    this.number = number;
    this.journal = journal;
    this.directory = directory;
    this.database = (number + "_" + journal.label()).toLowerCase(Locale.ROOT);
    this.seed = FaultOptions.SEED;
    postgres.createDatabase(database);
    this.ledger = Ledger.create(postgres, database);
    this.settings = settings;
    if (!tables.isEmpty()) {
      postgres.execute(database, tables);
    }
    rules(settings.rules(database));
    this.config = ConfigLoader.load(write(settings));
    List<String> unused = Engine.from(config).prepareDatabase();
    this.sampler =
        new SlotSampler(
            postgres,
            database,
            this::durable,
            Duration.ofMillis(journal == JournalKind.SQLITE ? 200 : 1_000));
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
    Files.writeString(directory.resolve("rules.yaml"), Ledger.rules(topic()) + triggers);
  }

  /**
   * Writes the configuration. For the next start.
   *
   * @param source settings of {@code source.postgres}, as in a YAML flow mapping
   * @return its file
   */
  Path settings(String source) throws IOException {
    return write(settings.source(source));
  }

  private Path write(CaseSettings settings) throws IOException {
    return Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        name: %1$s
        source:
          postgres: {host: %2$s, port: %3$d, database: %1$s, %4$s, marker-interval: 500ms, %5$s}
        rules: [rules.yaml]
        journal: {%6$s}
        http: {listen: "127.0.0.1:%7$d"}
        %8$s
        """
            .formatted(
                database,
                proxy.host(),
                proxy.port(),
                settings.login().isEmpty()
                    ? "user: %s, password: \"%s\"".formatted(postgres.user(), postgres.password())
                    : settings.login(),
                settings.source(),
                journal == JournalKind.SQLITE
                    ? "sqlite: {file: journal.db%s}".formatted(settings.sqlite())
                    : "kafka: {bootstrap: \"%s\"%s}"
                        .formatted(FaultServers.broker().bootstrapServers(), settings.kafka()),
                httpPort,
                settings.sections()));
  }

  private String topic() {
    return database + ".events";
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
    return EngineProcess.start(directory, httpPort, options);
  }

  /** Starts a second one of the same pipeline; does not wait. */
  EngineProcess secondEngine(String... options) {
    return EngineProcess.start(directory, Ports.free(), options);
  }

  /** Starts an engine by a test's own main class, which calls {@link Main}. */
  EngineProcess engine(Class<?> main, String... options) {
    return EngineProcess.start(main, directory, httpPort, options);
  }

  /** Has a command of {@code rowbell} carried out, which must go well. */
  void rowbell(String... command) throws InterruptedException {
    try (JavaProcess process =
        JavaProcess.of(Main.class).directory(directory).args(command).start()) {
      assertThat(process.awaitExit(ENDED)).as(String.join("\n", process.output())).isZero();
    }
  }

  /** Starts an engine that ends at a fail point, and waits until it has. */
  void halt(FailPoint point, long passing) throws InterruptedException {
    try (EngineProcess engine = engine(point.option("halt@" + passing))) {
      engine.awaitHalt(point);
    }
    injected();
  }

  /** A fault was injected: a good moment to look what PostgreSQL was told (G4). */
  void injected() {
    faults++;
    sampler.look();
  }

  /** Changes arrive again; how long that took. */
  void recovered(Duration after) {
    recoveries.add(after);
  }

  /** How long the slowest recovery took. */
  Duration slowestRecovery() {
    return recoveries.stream().max(Comparator.naturalOrder()).orElse(Duration.ZERO);
  }

  /** The SQLite journal's file. */
  Path journalFile() {
    return directory.resolve("journal.db");
  }

  /** Deletes the journal; its events count on, those that come again once. */
  void wipeJournal() throws SQLException, IOException {
    held().forEach(event -> wiped.put(event.id(), event));
    if (journal == JournalKind.KAFKA) {
      try (KafkaOperator operator = new KafkaOperator(FaultServers.broker())) {
        operator.deleteTopics(database + ".");
      }
    } else {
      for (String part : List.of("", "-wal", "-shm")) {
        Files.deleteIfExists(Path.of(journalFile() + part));
      }
    }
    injected();
  }

  /** What is in the journal now. */
  List<JournalEvent> events() throws SQLException {
    if (wiped.isEmpty()) {
      return held();
    }
    Map<String, JournalEvent> all = new LinkedHashMap<>(wiped);
    held().forEach(event -> all.putIfAbsent(event.id(), event));
    return List.copyOf(all.values());
  }

  private List<JournalEvent> held() throws SQLException {
    return events(topic());
  }

  /**
   * What is in the journal now.
   *
   * @param topic of these, if the journal has topics
   */
  List<JournalEvent> events(String topic) throws SQLException {
    return journal == JournalKind.SQLITE
        ? JournalEvents.ofFile(journalFile())
        : JournalEvents.ofTopics(FaultServers.broker().directBootstrapServers(), List.of(topic));
  }

  /** The journal's dead letters that are open. */
  List<DeadLetter> deadLetters() throws JournalException, InterruptedException {
    return config.journal().readDeadLetters(config.context(), letter -> true, 1_000);
  }

  /**
   * Waits until everything that is committed now is in the journal and confirmed.
   *
   * @return how long that took
   */
  Duration awaitProgress(EngineProcess engine) throws SQLException {
    return awaitProgress(engine, CAUGHT_UP);
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
        .atMost(CAUGHT_UP)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () ->
                "f"
                    .equals(
                        postgres.queryOne(
                            database,
                            "SELECT active FROM pg_replication_slots WHERE slot_name = '"
                                + database
                                + "'")));
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
    if (!caughtUp(engine, CAUGHT_UP)) {
      violations.add("G6 not all is in the journal " + CAUGHT_UP + " after the last fault");
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
    sampler.look();
    sampler.close();
    violations.addAll(sampler.violations());
    if (sampler.samples() == 0) {
      violations.add("G4 nobody could look what was confirmed");
    }
    List<JournalEvent> told = events().stream().filter(Ledger::tells).toList();
    Verdict verdict = Verdict.of(ledger, told).with(violations);
    FaultReport.add(
        number, journal.label(), seed, faults, running().commits(), verdict, recoveries);
    return verdict;
  }

  /** Everything that is committed now is confirmed: so it is in the journal, and no more comes. */
  private boolean caughtUp(EngineProcess engine, Duration atMost) throws SQLException {
    Position end =
        Position.parse(
            Objects.requireNonNull(
                postgres.queryOne(database, "SELECT pg_current_wal_insert_lsn()")));
    try {
      Awaitility.await()
          .atMost(atMost)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> !engine.running() || confirmed().compareTo(end) >= 0);
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      return false;
    }
    engine.requireRunning();
    return true;
  }

  /** What PostgreSQL was told. */
  Position confirmed() throws SQLException {
    return Position.parse(
        Objects.requireNonNull(
            postgres.queryOne(
                database,
                "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '"
                    + database
                    + "'")));
  }

  /** What the journal holds; empty if nothing yet. */
  Optional<Position> durable() throws JournalException, InterruptedException {
    return checkpoint().map(Checkpoint::position);
  }

  /** How far the journal is, inside a transaction too; empty if nothing is in it yet. */
  Optional<Checkpoint> checkpoint() throws JournalException, InterruptedException {
    return config.journal().peek(config.context()).map(Resume::checkpoint);
  }

  String about(EngineProcess engine) {
    return "%s %s, -Drowbell.faults.seed=%d, %d faults; the engine:%n%s"
        .formatted(number, journal, seed, faults, engine.output());
  }

  @Override
  public void close() throws SQLException {
    if (load != null) {
      load.close();
    }
    sampler.close();
    proxy.close();
    ledger.close();
    Awaitility.await()
        .atMost(CAUGHT_UP)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                postgres.query(
                    database,
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                        + " WHERE slot_name = '"
                        + database
                        + "'"));
  }
}
