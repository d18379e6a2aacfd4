package io.rowbell.engine;

import io.rowbell.engine.config.EngineConfig;
import io.rowbell.engine.config.StandbyConfig;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from the database into the journal, over all that interrupts it: claims the database,
 * opens the journal and its subscribers, and follows; waits for a journal that is away or full, and
 * begins anew. {@link #run} is one thread; everything else may be called from any.
 */
final class PipelineLoop {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineLoop.class);
  private static final InstantSource CLOCK = InstantSource.system();
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** How long a delivery under way may take when the engine has failed. */
  private static final Duration GRACE_AFTER_FAILURE = Duration.ofSeconds(2);

  private final EngineConfig config;
  private final List<SubscriberSpec> subscribers;
  private final Duration grace;
  private final RuleBook rules;
  private final Reloads reloads;
  private final Pipeline.Stats stats;
  private final Lifecycle lifecycle;
  private final Watchdog watchdog;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final AtomicReference<@Nullable Throwable> subscriberFailure = new AtomicReference<>();
  private volatile Source source;
  private volatile @Nullable Session session;

  /**
   * @param grace how long a delivery under way may take at the end
   * @param source the first; after one that had to let go of the database another is opened
   */
  PipelineLoop(
      EngineConfig config,
      List<SubscriberSpec> subscribers,
      Duration grace,
      Source source,
      RuleBook rules,
      Reloads reloads,
      Pipeline.Stats stats,
      Lifecycle lifecycle,
      Watchdog watchdog) {
    this.config = config;
    this.subscribers = subscribers;
    this.grace = grace;
    this.source = source;
    this.rules = rules;
    this.reloads = reloads;
    this.stats = stats;
    this.lifecycle = lifecycle;
    this.watchdog = watchdog;
  }

  /** The source of this moment; whoever ended the loop closes it. */
  Source source() {
    return source;
  }

  /** The journal's opening of this moment, if there is one. */
  Optional<Session> session() {
    return Optional.ofNullable(session);
  }

  /** Has it end when what was begun is finished; returns at once. */
  void stop() {
    stop.countDown();
    source.stop();
  }

  /**
   * Opens sessions until one ends because it was asked to.
   *
   * @throws SourceException if that cannot heal
   * @throws JournalException if that cannot heal
   */
  void run() throws SourceException, JournalException, InterruptedException {
    StandbyPatience.find(config)
        .ifPresent(
            finding ->
                LOG.warn(
                    "pipeline {}: {} {}: {}; {}",
                    config.name(),
                    finding.code(),
                    finding.subject(),
                    finding.message(),
                    finding.help()));
    Duration pause = FIRST_PAUSE;
    while (stop.getCount() > 0) {
      Instant began = CLOCK.instant();
      try {
        claim();
        if (stop.getCount() == 0) {
          return;
        }
        converse(config.journal().open(config.context()));
        return;
      } catch (JournalException e) {
        // FULL comes from here when a cursor could not be moved for want of room.
        if (isFinal(e)) {
          throw e;
        }
        if (Duration.between(began, CLOCK.instant()).compareTo(LONGEST_PAUSE) > 0) {
          pause = FIRST_PAUSE;
        }
        // A source that was stopped stays so. And whoever waits must not keep the database from
        // the process that has the journal.
        source = source.renew();
        waitFor(String.valueOf(e.getMessage()), pause);
        pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
      }
    }
  }

  /** Waits for another instance to end, if that is what this one is for. */
  private void claim() throws SourceException, InterruptedException {
    StandbyConfig standby = config.standby();
    if (standby == null) {
      source.claim();
    } else {
      lifecycle.moveTo(EngineState.STANDBY, null);
      source.standBy(standby.takeOverAfter());
    }
  }

  /** Follows the database with one opening of the journal. */
  private void converse(Journal journal)
      throws SourceException, JournalException, InterruptedException {
    subscriberFailure.set(null);
    Session opened = Session.open(journal, subscribers, this::subscriberEnded);
    session = opened;
    try {
      follow(opened.journal());
    } catch (SourceException | JournalException | RuntimeException | Error e) {
      if (isFinal(e)) {
        expectEnd(e);
      }
      Throwable broken = subscriberFailure.get();
      // Of two failures the one that the engine ends of is told.
      if (isFinal(e) || broken == null || !isFinal(broken)) {
        throw e;
      }
    } finally {
      session = null;
      opened.end(watchdog.expectsEnd() ? shorter(grace, GRACE_AFTER_FAILURE) : grace);
    }
    Throwable broken = subscriberFailure.getAndSet(null);
    if (broken instanceof JournalException e) {
      throw e;
    }
    if (broken != null) {
      throw Failures.unforeseen(broken);
    }
  }

  /** Whether the engine ends of this: everything else heals when the journal is opened anew. */
  private static boolean isFinal(Throwable e) {
    return !(e instanceof JournalException failure)
        || (failure.kind() != JournalException.Kind.UNAVAILABLE
            && failure.kind() != JournalException.Kind.FULL);
  }

  /** The engine ends of this, and that must not take long. */
  private void expectEnd(Throwable e) {
    if (e instanceof JournalException failure) {
      watchdog.expectEnd(Failures.of(failure));
    } else if (e instanceof SourceException failure) {
      watchdog.expectEnd(Failures.of(failure));
    } else {
      watchdog.expectEnd(Failures.unforeseen(e));
    }
  }

  /** Follows the database; as long as the journal is full, waits for room. */
  private void follow(Journal journal)
      throws SourceException, JournalException, InterruptedException {
    Duration pause = FIRST_PAUSE;
    while (stop.getCount() > 0 && subscriberFailure.get() == null) {
      Resume resume = journal.resume();
      rules.requireOwn(resume);
      if (!Pipeline.isInsideTransaction(resume)) {
        boolean unused = reloads.takeOver();
      }
      LOG.info(
          "pipeline {}: checking {}, then following it from {}",
          config.name(),
          rules.database().database(),
          resume.checkpoint() == null
              ? "the slot's position, as the journal is new: what an earlier one held is not known"
              : resume.checkpoint());
      lifecycle.moveTo(EngineState.RUNNING, null);
      long appends = stats.appends().sum();
      try {
        source.run(
            rules.requirements(),
            resume,
            guarded(new Pipeline(rules, reloads, journal, resume, stats)));
        return;
      } catch (NewRequirementsException e) {
        LOG.info("pipeline {}: the new rules ask for other changes", config.name());
      } catch (SourceException e) {
        if (!isOnlyOfShadows(e)) {
          throw e;
        }
      } catch (JournalException e) {
        if (e.kind() != JournalException.Kind.FULL) {
          throw e;
        }
        if (stats.appends().sum() > appends) {
          pause = FIRST_PAUSE; // there was room meanwhile: a subscriber makes some
        }
        waitFor(String.valueOf(e.getMessage()), pause);
        pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
      }
    }
  }

  /** An error ends the engine, and to close the stream first may take long. */
  private Source.BatchHandler guarded(Pipeline pipeline) {
    return batch -> {
      try {
        pipeline.handle(batch);
      } catch (Error e) {
        expectEnd(e);
        throw e;
      }
    };
  }

  /** Whether the database refuses what only rules in shadow need, which go from here. */
  private boolean isOnlyOfShadows(SourceException refused) {
    try {
      return !refused.findings().isEmpty() && rules.leaveOutMisfits(source.catalog());
    } catch (SourceException e) {
      refused.addSuppressed(e);
      return false;
    }
  }

  /** On its thread: while it speaks here, another one's delivery may hang. */
  private void subscriberEnded(Throwable why) {
    if (isFinal(why)) {
      expectEnd(why);
    }
    Throwable unused =
        subscriberFailure.accumulateAndGet(
            why, (first, now) -> first == null || !isFinal(first) ? now : first);
    source.stop();
  }

  private void waitFor(String reason, Duration pause) throws InterruptedException {
    lifecycle.moveTo(EngineState.WAITING, reason);
    source.look();
    if (stop.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
      LOG.info("pipeline {}: asked to stop while waiting", config.name());
    }
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
