package io.rowbell.engine;

import io.rowbell.engine.config.ConfigException;
import io.rowbell.engine.config.ConfigFile;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.language.Compilation;
import io.rowbell.language.RuleFile;
import io.rowbell.spi.Finding;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the rules anew while they run, all of them or none.
 *
 * <p>Who asks for it reads, compiles and lets the database be looked at; whatever is wrong, the
 * rules of before go on. Rules that can be used wait for the thread that evaluates, which takes
 * them over between two transactions: {@link #takeOver}, then {@link #begun}.
 */
final class Reloads {
  private static final Logger LOG = LoggerFactory.getLogger(Reloads.class);

  /** How long who asks waits for a transaction to end. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final EngineConfig config;
  private final @Nullable ConfigFile file;
  private final RuleBook book;
  private final Supplier<Source> source;
  private final Supplier<Resume> resume;
  private final InstantSource clock;
  private final ReentrantLock oneAtATime = new ReentrantLock();
  private final AtomicReference<@Nullable Next> next = new AtomicReference<>();
  private final LongAdder taken = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private volatile boolean closed;
  private volatile @Nullable Reload last;

  /** Taken over, and not yet begun with. */
  private final AtomicReference<@Nullable Next> adopted = new AtomicReference<>();

  /** Rules that wait for their turn, and who waits for the outcome. */
  private record Next(RuleBook.Draft draft, Reload reload, CompletableFuture<Reload> outcome) {}

  /**
   * @param file where the configuration was read from; null if it was made by a program
   * @param resume what the journal holds now, as far as that is known
   */
  Reloads(
      EngineConfig config,
      @Nullable ConfigFile file,
      RuleBook book,
      Supplier<Source> source,
      Supplier<Resume> resume,
      InstantSource clock) {
    this.config = config;
    this.file = file;
    this.book = book;
    this.source = source;
    this.resume = resume;
    this.clock = clock;
  }

  /** How the last one ended, if there was one. */
  @Nullable Reload last() {
    return last;
  }

  long taken() {
    return taken.sum();
  }

  long refused() {
    return refused.sum();
  }

  /** Whether rules wait for a transaction to end. */
  boolean isWaiting() {
    return next.get() != null;
  }

  /** Reads the rules anew; waits for another one that is under way. */
  Reload reload() throws InterruptedException {
    oneAtATime.lockInterruptibly();
    try {
      return attempt();
    } catch (SourceException e) {
      return ended(refusal(Failures.of(e)));
    } catch (ConfigException e) {
      return ended(refusal(Failures.of(e)));
    } catch (EngineException e) {
      return ended(refusal(e));
    } catch (RuntimeException e) {
      LOG.error("pipeline {}: a reload failed: please report it with this trace", config.name(), e);
      return ended(refusal(Failures.unforeseen(e)));
    } finally {
      oneAtATime.unlock();
    }
  }

  private Reload refusal(EngineException e) {
    return Reload.refused(clock.instant(), String.valueOf(e.getMessage()));
  }

  private Reload attempt() throws SourceException, InterruptedException {
    List<RuleFile> files =
        RuleBook.files(file == null ? config : config.withRules(file.ruleFiles()));
    Source database = source.get();
    RuleBook.Draft draft = book.draft(files, database.catalog(), database.status().caughtUp());
    Reload reload = judged(draft, database);
    return reload.outcome() == Reload.Outcome.REFUSED ? ended(reload) : offered(draft, reload);
  }

  /** Whether drafted rules can be used; what they need of the database, it must have. */
  private Reload judged(RuleBook.Draft draft, Source database) throws SourceException {
    Compilation compilation = draft.compilation();
    List<String> notes = new ArrayList<>();
    if (file != null && file.isChanged()) {
      notes.add(file.path() + " was changed too: only the rules are reloaded, restart to use it");
    }
    List<Finding> findings = List.of();
    String failure = null;
    if (compilation.rules().isEmpty()) {
      if (draft.fitsLive()) {
        notes.add(
            "they fit the tables as they are now, but not the rows that are still to be read:"
                + " reload once these have been");
      }
    } else if (compilation.rules().get().counters().isEmpty()) {
      failure = "no rule is enabled: there would be nothing to do";
    } else {
      // Whether the position is sound is looked at whenever a stream is opened.
      findings =
          database.inspect(compilation.rules().get().requirements(), resume.get()).stream()
              .filter(finding -> finding.severity() == Finding.Severity.ERROR)
              .filter(finding -> !finding.aboutPosition())
              .toList();
    }
    boolean usable = compilation.rules().isPresent() && failure == null && findings.isEmpty();
    return new Reload(
        usable ? Reload.Outcome.PENDING : Reload.Outcome.REFUSED,
        clock.instant(),
        compilation.rules().map(rules -> rules.fingerprint()).orElse(null),
        compilation.issues(),
        findings,
        failure,
        notes);
  }

  private Reload offered(RuleBook.Draft draft, Reload reload) throws InterruptedException {
    Next offered = new Next(draft, reload, new CompletableFuture<>());
    Next earlier = next.getAndSet(offered);
    if (earlier != null) {
      refuse(earlier, "they were reloaded once more before they took over");
    }
    if (closed) {
      close();
    }
    try {
      return offered.outcome().get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      LOG.info("pipeline {}: {}", config.name(), reload.text());
      return reload;
    } catch (ExecutionException e) {
      throw new IllegalStateException("an outcome is never exceptional", e);
    }
  }

  /**
   * Puts rules in force that wait for it. Only between two transactions, on the thread that
   * evaluates.
   *
   * @return whether there are other rules now; {@link #begun} follows
   */
  boolean takeOver() {
    Next waiting = next.getAndSet(null);
    if (waiting == null) {
      return false;
    }
    try {
      book.adopt(waiting.draft());
    } catch (EngineException e) {
      refuse(waiting, String.valueOf(e.getMessage()));
      return false;
    }
    adopted.set(waiting);
    return true;
  }

  /**
   * The rules in force begin with what is remembered.
   *
   * @param restarted the rules whose memory was lost
   */
  void begun(Collection<String> restarted) {
    Next done = adopted.getAndSet(null);
    if (done != null) {
      List<String> notes = restarted.stream().sorted().map(Reloads::restarted).toList();
      Reload reload = done.reload().become(Reload.Outcome.TAKEN, clock.instant(), null, notes);
      done.outcome().complete(ended(reload));
    }
  }

  static String restarted(String rule) {
    return "rule "
        + rule
        + " begins without a memory: its key or the columns it remembers were changed, or it is gone";
  }

  /** Nobody will take anything over any more. */
  void close() {
    closed = true;
    refuseIfAny(next.getAndSet(null));
    refuseIfAny(adopted.getAndSet(null));
  }

  private void refuseIfAny(@Nullable Next left) {
    if (left != null) {
      refuse(left, "the engine ended before they took over");
    }
  }

  private void refuse(Next waiting, String why) {
    waiting
        .outcome()
        .complete(
            ended(
                waiting.reload().become(Reload.Outcome.REFUSED, clock.instant(), why, List.of())));
  }

  private Reload ended(Reload reload) {
    last = reload;
    if (reload.outcome() == Reload.Outcome.TAKEN) {
      taken.increment();
      LOG.info("pipeline {}: {}", config.name(), reload.text());
    } else {
      refused.increment();
      LOG.warn("pipeline {}: {}", config.name(), reload.text());
    }
    return reload;
  }
}
