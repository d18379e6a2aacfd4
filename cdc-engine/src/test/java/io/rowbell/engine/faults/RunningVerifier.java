package io.rowbell.engine.faults;

import io.rowbell.engine.Verifier;
import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.verify.Sample;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/** An audit on a thread of its own, beside the engine of a case. */
final class RunningVerifier implements AutoCloseable {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final Verifier verifier;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final List<String> told = new ArrayList<>();
  private volatile Verifier.Progress progress;
  private final Thread thread;

  RunningVerifier(Path directory, Duration grace) {
    verifier =
        Verifier.open(ConfigLoader.load(directory.resolve("rowbell.yaml")), grace, Sample.ALL);
    progress = verifier.progress();
    thread = new Thread(this::run, "verifier");
    thread.start();
  }

  private void run() {
    try {
      while (!verifier.isStopped()) {
        Verifier.Look look = verifier.look();
        synchronized (told) {
          told.addAll(look.notes());
          look.discrepancies().forEach(discrepancy -> told.add(discrepancy.text()));
        }
        progress = verifier.progress();
      }
    } catch (Throwable e) {
      failure.set(e);
    }
  }

  /** Everything that was told. */
  List<String> told() {
    synchronized (told) {
      return List.copyOf(told);
    }
  }

  Verifier.Progress progress() {
    return progress;
  }

  /** Waits until it is so far. */
  void await(Predicate<Verifier.Progress> wanted) {
    try {
      Awaitility.await()
          .atMost(BOUND)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> failure.get() != null || wanted.test(progress));
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("it is at " + progress + " and told " + told(), e);
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw new AssertionError("the audit failed, having told " + told(), thrown);
    }
  }

  @Override
  public void close() {
    verifier.stop();
    try {
      thread.join(BOUND.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    verifier.close();
  }
}
