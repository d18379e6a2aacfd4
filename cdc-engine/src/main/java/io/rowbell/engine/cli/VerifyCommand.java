package io.rowbell.engine.cli;

import io.rowbell.engine.ExitCode;
import io.rowbell.engine.Verifier;
import io.rowbell.engine.config.Durations;
import io.rowbell.engine.verify.Discrepancy;
import io.rowbell.engine.verify.Sample;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Audits a pipeline while it runs. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Audit the journal while the engine runs: read the database's changes a second time, by another"
          + " way, evaluate the rules, and tell every event that is missing, doubled, out of order,"
          + " different or unexpected, and what is in flight.",
      "Begins where the journal ends, and looks at what is committed from then on. Nothing is"
          + " written, and neither the pipeline's slot nor its journal is touched: as long as it runs"
          + " there is one more, temporary replication slot, which goes with it. Exits with 1 if"
          + " something is wrong."
    },
    footer = {
      "",
      "  rowbell verify --for 10m             # until then, or until Ctrl-C",
      "  rowbell verify --sample 10% -o json  # a tenth of the keys, for programs: one object a line",
      "",
      "Not looked at: events of rows that a snapshot reads, rules in shadow, deliveries to"
          + " subscribers. rowbell message X601 and the codes that follow say more."
    })
final class VerifyCommand implements Callable<Integer> {
  private static final int GRACES_AT_THE_END = 4;
  private static final long AT_MOST_TO_END_SECONDS = 10;

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private ConfigOption config;
  @Mixin private LogOptions log;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      description = "How long to look. Default: until it is ended.")
  private @Nullable String duration;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "30s",
      description =
          "How long an event may be on its way before it is told; three times"
              + " source.postgres.marker-interval or more. Default: 30s.")
  private String grace;

  @Option(
      names = "--sample",
      paramLabel = "SHARE",
      defaultValue = "100%",
      description =
          "Compare the events of this share of the keys: each of these wholly, so that its order"
              + " shows. Default: 100%%.")
  private String sample;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      defaultValue = "1m",
      description = "How often to tell how far it is. Default: 1m.")
  private String every;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "text or json (one object a line). Default: text.")
  private ExplainCommand.Form form;

  /** What the process is to exit with, for the thread that ends it. */
  private volatile int result = ExitCode.CHECK_FAILED.code();

  @Override
  public Integer call() throws InterruptedException {
    log.apply();
    Duration patience = duration("--grace", grace);
    Duration interval = duration("--every", every);
    Duration lasts = duration == null ? null : duration("--for", duration);
    CountDownLatch told = new CountDownLatch(1);
    try (Verifier verifier = Verifier.open(config.load().config(), patience, share())) {
      VerifyReport report =
          form == ExplainCommand.Form.JSON
              ? new VerifyJson(spec.commandLine().getOut(), InstantSource.system())
              : new VerifyText(
                  spec.commandLine().getOut(), main.terminal(), InstantSource.system());
      Thread stopper = new Thread(() -> stop(verifier, told), "rowbell-verify-stop");
      Runtime.getRuntime().addShutdownHook(stopper);
      run(verifier, report, interval, lasts, patience);
      report.summary(verifier.progress());
      int code =
          isKept(verifier.progress(), patience) ? ExitCode.OK.code() : ExitCode.CHECK_FAILED.code();
      result = code;
      told.countDown();
      return code;
    } finally {
      told.countDown();
    }
  }

  /** Runs when the process is asked to end; does nothing if it has ended by itself. */
  private void stop(Verifier verifier, CountDownLatch told) {
    if (told.getCount() == 0) {
      return;
    }
    verifier.stop();
    try {
      boolean unused = told.await(AT_MOST_TO_END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(result);
  }

  private static boolean isKept(Verifier.Progress progress, Duration patience) {
    return progress.begun() > 0
        && progress.events().isKept()
        && progress.events().oldest().compareTo(patience) < 0;
  }

  private void run(
      Verifier verifier,
      VerifyReport report,
      Duration interval,
      @Nullable Duration lasts,
      Duration patience)
      throws InterruptedException {
    long start = System.nanoTime();
    long told = start;
    boolean ended = false;
    long endsAt = 0;
    while (!verifier.isStopped() && !spec.commandLine().getOut().checkError()) {
      Verifier.Look look = verifier.look();
      look.notes().forEach(report::note);
      for (Discrepancy discrepancy : look.discrepancies()) {
        report.discrepancy(discrepancy);
      }
      long now = System.nanoTime();
      if (!ended && now - told >= interval.toNanos()) {
        told = now;
        report.progress(verifier.progress());
      }
      if (!ended && lasts != null && now - start >= lasts.toNanos()) {
        ended = true;
        endsAt = now + patience.toNanos() * GRACES_AT_THE_END;
        verifier.rest();
      }
      if (ended && (verifier.isSettled() || now - endsAt >= 0)) {
        return;
      }
    }
  }

  private Sample share() {
    try {
      return Sample.parse(sample);
    } catch (IllegalArgumentException e) {
      throw misused("--sample: " + e.getMessage());
    }
  }

  private Duration duration(String option, String text) {
    try {
      return Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw misused(option + ": " + e.getMessage());
    }
  }

  private ParameterException misused(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
