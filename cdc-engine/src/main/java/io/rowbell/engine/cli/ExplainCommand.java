package io.rowbell.engine.cli;

import io.rowbell.engine.EngineException;
import io.rowbell.engine.ExitCode;
import io.rowbell.engine.Explainer;
import io.rowbell.engine.config.Durations;
import io.rowbell.language.Explanation;
import io.rowbell.model.Position;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Says why a rule fires, or does not. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Say why a rule fires for a change, or does not: each part of its condition, what it came to,"
          + " and the values it read.",
      "Without --change and --at it waits for the next change of what the rule listens to. The"
          + " pipeline may run beside it, and notices nothing: for a while there is one more,"
          + " temporary replication slot."
    },
    footer = {
      "",
      "  rowbell explain --rule StockPriceMoved --key 1",
      "  rowbell explain --rule StockPriceMoved --change 'update stocks: {id: 1, price: 105.00}' \\",
      "      --last '{price: 100.00}'",
      "  rowbell explain --rule StockRatio --at 0/1B87D60   # a change that the pipeline is stuck at"
    })
final class ExplainCommand implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofMillis(500);

  @Spec private CommandSpec spec;
  @Mixin private ConfigOption config;
  @Mixin private LogOptions log;

  @Option(names = "--rule", paramLabel = "RULE", required = true, description = "Which rule.")
  private String rule;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "Only changes whose event would have this key.")
  private @Nullable String key;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many changes to wait for. Default: 1.")
  private int count;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "1m",
      description = "How long to wait for each. Default: 1m.")
  private String timeout;

  @Option(
      names = "--change",
      paramLabel = "CHANGE",
      description =
          "Explain this change instead: 'update stocks: {id: 1, price: 105.00}'. Columns that are"
              + " not given are NULL in an insert, else as if they had not been logged.")
  private @Nullable String change;

  @Option(
      names = "--before",
      paramLabel = "ROW",
      description = "With --change: the row before an update, as '{price: 100.00}'.")
  private @Nullable String before;

  @Option(
      names = "--last",
      paramLabel = "ROW",
      description =
          "With --change: the row that the rule remembers of the key, in place of what the journal"
              + " has.")
  private @Nullable String last;

  @Option(
      names = "--at",
      paramLabel = "POSITION",
      description =
          "Explain the change at this position, as a dead letter or a halted engine tells it: one"
              + " that the pipeline has not confirmed.")
  private @Nullable String at;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "text or json (one object a line). Default: text.")
  private Form form;

  /** How many notes of the explainer. */
  private int told;

  /** How explanations are written. */
  enum Form {
    TEXT,
    JSON
  }

  @Override
  public Integer call() throws InterruptedException {
    log.apply();
    if (change != null && at != null) {
      throw misused("--change and --at do not go together");
    }
    if (change == null && (before != null || last != null)) {
      throw misused("--before and --last belong to --change");
    }
    if (count < 1) {
      throw misused("--count is at least 1");
    }
    Duration patience = patience();
    Position position = position();
    try (Explainer explainer = Explainer.open(config.load().config(), rule)) {
      if (change != null) {
        only(explainer, explainer.given(change, before, last, InstantSource.system()));
      } else if (position != null) {
        only(explainer, explainer.at(position));
      } else {
        follow(explainer, patience);
      }
    }
    return 0;
  }

  private Duration patience() {
    try {
      return Durations.parse(timeout);
    } catch (IllegalArgumentException e) {
      throw misused("--timeout: " + e.getMessage());
    }
  }

  private @Nullable Position position() {
    try {
      return at == null ? null : Position.parse(at);
    } catch (IllegalArgumentException e) {
      throw misused("--at: " + e.getMessage());
    }
  }

  private ParameterException misused(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Notes that were not told yet. */
  private void tell(List<String> notes) {
    notes.stream().skip(told).forEach(note -> spec.commandLine().getErr().println("note: " + note));
    told = notes.size();
  }

  private void only(Explainer explainer, List<Explanation> explanations) {
    tell(explainer.notes());
    List<Explanation> wanted = explanations.stream().filter(this::isWanted).toList();
    if (wanted.isEmpty()) {
      throw new EngineException(
          ExitCode.USAGE,
          "the change is of key '"
              + explanations.get(explanations.size() - 1).change().key()
              + "', and not of '"
              + key
              + "'",
          null);
    }
    wanted.forEach(this::print);
  }

  private void follow(Explainer explainer, Duration patience) throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    explainer.follow(patience);
    tell(explainer.notes());
    spec.commandLine().getErr().println("waiting for a change that concerns rule " + rule);
    int shown = 0;
    long end = System.nanoTime() + patience.toNanos();
    while (shown < count && !out.checkError()) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new EngineException(
            ExitCode.CHECK_FAILED,
            "no change that concerns rule '"
                + rule
                + (key == null ? "'" : "' and key '" + key + "'")
                + " came within "
                + timeout,
            null);
      }
      List<Explanation> next =
          explainer.next(left < LOOK.toNanos() ? Duration.ofNanos(left) : LOOK);
      tell(explainer.notes());
      for (Explanation explanation : next) {
        if (shown < count && isWanted(explanation)) {
          print(explanation);
          shown++;
          end = System.nanoTime() + patience.toNanos();
        }
      }
    }
  }

  private boolean isWanted(Explanation explanation) {
    return key == null || key.equals(explanation.change().key());
  }

  private void print(Explanation explanation) {
    PrintWriter out = spec.commandLine().getOut();
    if (form == Form.JSON) {
      out.println(explanation.json());
    } else {
      out.print(explanation.text());
    }
    out.flush();
  }
}
