package io.rowbell.engine;

import io.rowbell.engine.config.ConfigException;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleSet;
import io.rowbell.language.testing.TestRecorder;
import io.rowbell.model.Catalog;
import io.rowbell.model.Change;
import io.rowbell.spi.ChangeWatch;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Captures the next transactions that the rules listen to as a test, beside a pipeline that runs or
 * without one. Nothing is claimed or confirmed. For one thread.
 */
public final class Recording implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(500);

  private final Source source;
  private final ChangeWatch watch;
  private final RuleSet rules;
  private final TestRecorder recorder;

  private Recording(Source source, ChangeWatch watch, RuleSet rules, TestRecorder recorder) {
    this.source = source;
    this.watch = watch;
    this.rules = rules;
    this.recorder = recorder;
  }

  /**
   * Begins with what is committed from now on.
   *
   * @throws EngineException if the rules cannot be used, or the database cannot be asked
   */
  public static Recording begin(EngineConfig config) throws InterruptedException {
    Source source;
    try {
      source = config.source().open(config.context());
    } catch (ConfigException e) {
      throw Failures.of(e);
    }
    try {
      Catalog catalog = source.catalog();
      var files = RuleBook.files(config);
      RuleSet rules =
          RuleBook.compiled(
              new RuleCompiler(files, source.database(), RuleBook.hash(config)).compile(catalog),
              "the rules cannot be used");
      TestRecorder recorder =
          new TestRecorder(files, catalog, config.hashKey() == null ? null : RuleBench.TEST_KEY);
      ChangeWatch watch = source.watch(rules.requirements(), ChangeWatch.Since.NOW);
      return new Recording(source, watch, rules, recorder);
    } catch (SourceException e) {
      source.close();
      throw Failures.of(e);
    } catch (RuntimeException | InterruptedException e) {
      source.close();
      throw e;
    }
  }

  /**
   * Records transactions.
   *
   * @param count how many
   * @param patience how long to wait for them all
   * @return how many came
   * @throws EngineException if one cannot be said as a test, or the database cannot be asked
   */
  public int record(int count, Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    List<Change> transaction = new ArrayList<>();
    while (recorder.transactions() < count && end - System.nanoTime() > 0) {
      // A poll gives whole transactions.
      for (Change change : poll()) {
        if (!transaction.isEmpty() && transaction.get(0).origin().xid() != change.origin().xid()) {
          add(transaction, count);
        }
        if (rules.listensTo(change)) {
          transaction.add(change);
        }
      }
      add(transaction, count);
    }
    return recorder.transactions();
  }

  private void add(List<Change> transaction, int count) {
    if (!transaction.isEmpty() && recorder.transactions() < count) {
      try {
        recorder.add(List.copyOf(transaction));
      } catch (IllegalArgumentException e) {
        throw new EngineException(ExitCode.CHECK_FAILED, String.valueOf(e.getMessage()), e);
      }
    }
    transaction.clear();
  }

  private List<Change> poll() throws InterruptedException {
    try {
      return watch.poll(LOOK);
    } catch (SourceException e) {
      throw Failures.of(e);
    }
  }

  /** The test, as it stands below {@code tests:} in a rule file. */
  public String test(String name) {
    return recorder.test(name);
  }

  @Override
  public void close() {
    watch.close();
    source.close();
  }
}
