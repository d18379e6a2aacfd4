package io.rowbell.engine;

import io.rowbell.engine.config.ConfigException;
import io.rowbell.engine.config.ConfigFile;
import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.engine.config.LoadedConfig;
import io.rowbell.engine.config.RetryConfig;
import io.rowbell.language.expression.ExpressionCompiler;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SubscriberRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running pipeline: one database, its rules, one journal and those who are served from it.
 *
 * <pre>{@code
 * try (var engine = Engine.from(Path.of("rowbell.yaml"))
 *     .on("StockPriceMoved", event -> alerts.send(event.data().toString()))
 *     .start()) {
 *   engine.awaitStop();
 * }
 * }</pre>
 *
 * <p>Owns one thread for the way from the database into the journal and one for each subscriber.
 * All methods may be called from any thread. An engine that cannot go on ends in {@link
 * EngineState#FAILED} with the reason; it never skips.
 */
public final class Engine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
  private static final InstantSource CLOCK = InstantSource.system();
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private final EngineConfig config;
  private final List<SubscriberSpec> subscribers;
  private final RuleBook rules;
  private final Thread thread;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable EngineException failure;
  private final Lifecycle lifecycle;
  private final Reloads reloads;
  private final Pipeline.Stats pipelineStats = new Pipeline.Stats(CLOCK);
  private final Watchdog watchdog;
  private final PipelineLoop loop;
  private final Consumer<EngineException> lastResort;
  private @Nullable StatusServer http;

  private Engine(Builder builder, List<SubscriberSpec> subscribers, Source source, RuleBook rules) {
    this.config = builder.config;
    this.subscribers = List.copyOf(subscribers);
    this.rules = rules;
    this.lifecycle = new Lifecycle(config.name(), CLOCK);
    this.reloads = new Reloads(config, builder.file, rules, this::source, this::resume, CLOCK);
    this.thread = new Thread(this::run, "rowbell-pipeline");
    this.lastResort = builder.lastResort;
    this.watchdog =
        new Watchdog(
            config.name(),
            config.watchdog(),
            thread,
            () -> source().status(),
            System::nanoTime,
            this::giveUp);
    this.loop =
        new PipelineLoop(
            config,
            this.subscribers,
            builder.grace,
            source,
            rules,
            reloads,
            pipelineStats,
            lifecycle,
            watchdog);
  }

  /**
   * An engine from its configuration file.
   *
   * @throws EngineException if the file cannot be used: everything that is wrong at once
   */
  public static Builder from(Path file) {
    try {
      return from(ConfigLoader.load(file, System.getenv()));
    } catch (ConfigException e) {
      throw Failures.of(e);
    }
  }

  /** An engine from a configuration. */
  public static Builder from(EngineConfig config) {
    return new Builder(config, null);
  }

  /** An engine from a configuration and its file. */
  public static Builder from(LoadedConfig loaded) {
    return new Builder(loaded.config(), loaded.file());
  }

  /** What the engine is doing. */
  public Status status() {
    Status now = lifecycle.status();
    String waiting = source().status().waitingFor();
    if (waiting == null) {
      return now;
    }
    return switch (now.state()) {
      case RUNNING -> new Status(EngineState.WAITING, now.since(), waiting);
      case STANDBY -> new Status(EngineState.STANDBY, now.since(), waiting);
      default -> now;
    };
  }

  /** Why the engine failed; empty unless it did. */
  public Optional<EngineException> failure() {
    return Optional.ofNullable(failure);
  }

  /**
   * Whether changes arrive: a marker written through SQL came back through the change stream
   * lately.
   */
  public boolean isReady() {
    return readiness().ready();
  }

  /**
   * Waits until changes arrive.
   *
   * @return false if they did not within {@code time}, or the engine has ended
   */
  public boolean awaitReady(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (!isReady()) {
      long left = Math.min(LOOK_EVERY.toNanos(), end - System.nanoTime());
      if (left <= 0 || ended.await(left, TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Waits until the engine has stopped, for whatever reason.
   *
   * @return how a process should end
   */
  public ExitCode awaitStop() throws InterruptedException {
    ended.await();
    EngineException why = failure;
    return why == null ? ExitCode.OK : why.exitCode();
  }

  /**
   * Stops: what was begun is finished, made durable, confirmed and committed; a delivery that takes
   * longer than the grace is interrupted and will be repeated. Returns when all of it has ended.
   * Idempotent.
   */
  @Override
  public void close() {
    lifecycle.moveTo(EngineState.STOPPING, "asked to stop");
    loop.stop();
    boolean interrupted = false;
    while (true) {
      try {
        ended.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Reads the rule files anew. All or nothing: rules that can be used, and have of the database
   * what they need, take over between two transactions; whatever is wrong, those of before go on.
   * Unchanged rules keep what they remember. Of {@code rowbell.yaml} nothing else is read again.
   *
   * @return what became of it, after some seconds at most: see {@link Reload.Outcome}
   */
  public Reload reload() throws InterruptedException {
    return reloads.reload();
  }

  /**
   * Carries out what a person wants done about a subscriber or about dead letters: one durable step
   * of the journal, with the note of it. Waits for the subscriber's delivery at hand, for half a
   * minute at most.
   *
   * @throws EngineException if the journal is not open just now, or it is not known whether the act
   *     is durable: look, then ask again
   */
  public ActAnswer act(ActRequest request) throws InterruptedException {
    Session now = loop.session().orElse(null);
    if (now == null) {
      Status status = status();
      throw new EngineException(
          ExitCode.DESTINATION_FATAL,
          "the engine has no journal open just now (%s%s): nothing was done, ask again"
              .formatted(
                  status.state().name().toLowerCase(Locale.ROOT),
                  status.reason() == null ? "" : ", " + status.reason()),
          null);
    }
    try {
      return new Acts(config, now, CLOCK).carryOut(request);
    } catch (JournalException e) {
      throw Failures.of(e);
    }
  }

  /**
   * All subscribers that the journal knows, in the order of their names.
   *
   * @throws EngineException if the journal cannot be read
   */
  public List<SubscriberView> viewSubscribers() throws InterruptedException {
    try {
      Map<String, Long> lags =
          loop.session().map(now -> now.journal().status().lag()).orElse(Map.of());
      List<SubscriberView> views = new ArrayList<>();
      for (SubscriberRecord record : config.journal().readSubscribers(config.context())) {
        SubscriberView view = SubscriberView.of(record, CLOCK.instant());
        views.add(
            subscribers.stream()
                .filter(spec -> spec.name().equals(record.name()))
                .findFirst()
                .map(spec -> view.served(spec.stats().health().state(), lags.get(spec.name())))
                .orElseGet(view::notServed));
      }
      return views;
    } catch (JournalException e) {
      throw Failures.of(e);
    }
  }

  /** The port of the status server; empty if there is none. */
  public OptionalInt httpPort() {
    StatusServer server = http;
    return server == null ? OptionalInt.empty() : OptionalInt.of(server.port());
  }

  /** Whether changes arrive. */
  Readiness readiness() {
    return Readiness.of(status(), source().status(), System.nanoTime());
  }

  List<SubscriberSpec> subscribers() {
    return subscribers;
  }

  Pipeline.Stats pipelineStats() {
    return pipelineStats;
  }

  Source source() {
    return loop.source();
  }

  String pipeline() {
    return config.name();
  }

  RuleBook rules() {
    return rules;
  }

  Reloads reloads() {
    return reloads;
  }

  /** What the journal holds, if it is open. */
  private Resume resume() {
    return session().map(now -> now.journal().resume()).orElse(Resume.NEW);
  }

  /** The journal's opening of this moment, if there is one. */
  Optional<Session> session() {
    return loop.session();
  }

  private void run() {
    try {
      loop.run();
      lifecycle.moveTo(EngineState.STOPPED, null);
    } catch (InterruptedException e) {
      fail(Failures.unforeseen(e));
    } catch (SourceException e) {
      fail(Failures.of(e));
    } catch (JournalException e) {
      fail(Failures.of(e));
    } catch (ConfigException e) {
      fail(Failures.of(e));
    } catch (RuntimeException | Error e) {
      fail(Failures.unforeseen(e));
    } finally {
      tidyUp();
    }
  }

  /** Whatever fails here, whoever waits for the end is told. */
  private void tidyUp() {
    try {
      reloads.close();
      source().close();
    } finally {
      try {
        if (http != null) {
          http.close();
        }
      } finally {
        ended.countDown();
      }
    }
  }

  /**
   * The watchdog's thread: the pipeline's does not end. It may wake up later: then it finishes its
   * batch, which is durable or is not, and stops.
   */
  private void giveUp(EngineException why) {
    fail(why);
    Watchdog.tell(() -> LOG.error("pipeline {}: {}", config.name(), why.getMessage()));
    lastResort.accept(why);
    ended.countDown();
    loop.stop();
  }

  private synchronized void fail(EngineException why) {
    if (failure != null) {
      return;
    }
    failure = why;
    lifecycle.moveTo(EngineState.FAILED, why.getMessage());
  }

  /** Collects handlers, then starts. For one thread. */
  public static final class Builder {
    private final EngineConfig config;
    private final @Nullable ConfigFile file;
    private final List<SubscriberSpec> handlers = new ArrayList<>();
    private Duration grace = Duration.ofSeconds(20);
    private Consumer<EngineException> lastResort = why -> {};

    private Builder(EngineConfig config, @Nullable ConfigFile file) {
      this.config = Objects.requireNonNull(config, "config");
      this.file = file;
    }

    /**
     * Calls a handler with the events of one type. Its cursor in the journal is named {@code
     * on-TYPE}.
     *
     * @param type for example {@code StockPriceMoved}
     */
    public Builder on(String type, EventHandler handler) {
      return on("on-" + type, Set.of(type), handler);
    }

    /**
     * Calls a handler with the events of some types.
     *
     * @param subscriber the name of its cursor in the journal; keep it, or it begins anew
     * @param types for example {@code StockPriceMoved}; empty for all
     */
    public Builder on(String subscriber, Set<String> types, EventHandler handler) {
      Objects.requireNonNull(handler, "handler");
      handlers.add(
          new SubscriberSpec(
              subscriber,
              Set.copyOf(types),
              Journal.Start.LATEST,
              RetryPolicy.of(RetryConfig.byDefault()),
              () -> HandlerSink.borrowed(handler)));
      return this;
    }

    /** How long a delivery under way may take when the engine is closed; 20 seconds unless said. */
    public Builder grace(Duration time) {
      grace = Objects.requireNonNull(time, "time");
      return this;
    }

    /**
     * What to do when the pipeline hangs, or has failed and does not end; then the engine has
     * {@link Engine#failure failed}, and {@link Engine#awaitStop} returns although a thread of it
     * is still there. {@code rowbell run} halts the process. Unless said nothing more is done: only
     * a process that ends is surely rid of that thread.
     *
     * @param action called at most once, from a thread of its own
     */
    public Builder lastResort(Consumer<EngineException> action) {
      lastResort = Objects.requireNonNull(action, "action");
      return this;
    }

    /**
     * Makes what the rules need of the database and the role may make: the publication for the
     * rules' tables and the slot. What {@code rowbell check --apply} does; {@link #start} never
     * does it.
     *
     * @return the statements that were carried out, in order
     * @throws EngineException if one fails, or the rules or the journal cannot be used
     */
    public List<String> prepareDatabase() throws InterruptedException {
      try (Source source = config.source().open(config.context())) {
        RuleBook rules = RuleBook.compile(config, source);
        source.claim();
        try (Journal journal = config.journal().open(config.context())) {
          return source.apply(rules.requirements(), journal.resume()).done();
        }
      } catch (SourceException e) {
        throw Failures.of(e);
      } catch (JournalException e) {
        throw Failures.of(e);
      } catch (ConfigException e) {
        throw Failures.of(e);
      }
    }

    /**
     * Connects to the database, compiles the rules against its tables and starts. Rules that do not
     * fit the tables as they are may still fit the rows that come next, if the journal has a
     * position: then they are read up to where a table was altered. Returns when the engine has
     * begun; what goes wrong later is told by {@link Engine#awaitStop} and {@link Engine#failure}.
     *
     * @throws EngineException if it cannot start
     */
    public Engine start() {
      List<SubscriberSpec> subscribers = new ArrayList<>(handlers);
      config.subscribers().forEach(s -> subscribers.add(SubscriberSpec.of(s, config.context())));
      SubscriberSpec.requireDistinct(subscribers);
      // The parser takes as long to wake up as the database does to answer.
      Thread parser = new Thread(ExpressionCompiler::warmUp, "rowbell-warm-up");
      parser.setDaemon(true);
      parser.start();
      Source source = null;
      try {
        source = config.source().open(config.context());
        RuleBook rules = RuleBook.compile(config, source);
        Engine engine = new Engine(this, subscribers, source, rules);
        if (config.http() != null) {
          engine.http = new StatusServer(config.http(), engine);
        }
        engine.thread.start();
        engine.watchdog.start(engine.ended);
        return engine;
      } catch (SourceException e) {
        throw closing(source, Failures.of(e));
      } catch (JournalException e) {
        throw closing(source, Failures.of(e));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw closing(source, Failures.unforeseen(e));
      } catch (ConfigException e) {
        throw closing(source, Failures.of(e));
      } catch (EngineException e) {
        throw closing(source, e);
      }
    }

    private static EngineException closing(@Nullable Source source, EngineException why) {
      if (source != null) {
        source.close();
      }
      return why;
    }
  }
}
