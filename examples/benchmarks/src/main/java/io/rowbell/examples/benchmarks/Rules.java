package io.rowbell.examples.benchmarks;

import io.rowbell.language.Outcome;
import io.rowbell.language.RuleSet;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What one change costs, from the decoded row to what the rules make of it: of one rule of each
 * kind that does not fire, and of many rules of which one fires.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Rules {
  /** The result that says how many bytes a call allocates. */
  static final String ALLOCATED = "gc.alloc.rate.norm";

  /** Made by JMH. */
  public Rules() {}

  /**
   * Runs the benchmarks and prints a table.
   *
   * @param args JMH's own
   */
  public static void main(String[] args) throws RunnerException, CommandLineOptionException {
    var options =
        new OptionsBuilder()
            .parent(new CommandLineOptions(args))
            .include(Rules.class.getName() + "\\.")
            .addProfiler(GCProfiler.class)
            .build();
    StringBuilder table =
        new StringBuilder("| benchmark | parameters | ns | bytes allocated |\n|---|---|---|---|\n");
    for (RunResult result : new Runner(options).run()) {
      var parameters = result.getParams();
      StringBuilder named = new StringBuilder();
      for (String key : parameters.getParamsKeys()) {
        named.append(key).append(' ').append(parameters.getParam(key)).append(' ');
      }
      table.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %.0f ± %.0f | %.0f |%n",
              result.getPrimaryResult().getLabel(),
              named,
              result.getPrimaryResult().getScore(),
              result.getPrimaryResult().getScoreError(),
              Objects.requireNonNull(result.getSecondaryResults().get(ALLOCATED)).getScore()));
    }
    System.out.print(table);
  }

  /** One rule and an update for which it does not fire. */
  @State(Scope.Thread)
  public static class OneRule {
    /** What the rule asks. */
    @Param({"transition", "becomes", "last", "window", "fullWindow", "fires"})
    public String kind = "";

    private RuleSet rules = Stocks.rules("  []");
    private Memory memory = new Memory();
    private Change change = Stocks.inserted(Stocks.START, Stocks.row(1, "0", ""));

    /** Made by JMH. */
    public OneRule() {}

    /** Compiles the rule, and lets it see what came before. */
    @Setup
    public void setUp() {
      String condition =
          switch (kind) {
            case "transition" -> "before.status == 'OPEN' && status == 'CLOSED'";
            case "becomes" -> "becomes(price > 100)";
            case "last" -> "abs(pct_change(last.price, price)) >= 5";
            case "window", "fullWindow" -> "avg_over(price, '1m') > 1000";
            default -> "status == 'HALTED'";
          };
      rules =
          Stocks.rules(
              "  - {event: E, on: insert or update stocks, when: \"%s\", data: {id, symbol, price}}"
                  .formatted(condition));
      memory = rules.recall(Map.of());
      int seconds = kind.equals("fullWindow") ? 60 : 1;
      Instant time = Stocks.START;
      for (int i = 0; i < seconds; i++) {
        time = Stocks.START.plusSeconds(i);
        rules.evaluate(Stocks.inserted(time, Stocks.row(1, "99.50", "OPEN")), memory);
      }
      change =
          Stocks.updated(time, Stocks.row(1, "99.50", "OPEN"), Stocks.row(1, "99.80", "HALTED"));
    }
  }

  /** Many rules on one table, of which one fires for an insert. */
  @State(Scope.Thread)
  public static class ManyRules {
    /** How many. */
    @Param({"1", "10", "100", "1000"})
    public int count;

    /**
     * In what they differ: the constant or the bound that a column is compared with, both of them,
     * or what is computed of a column, which is asked of each.
     */
    @Param({"constant", "bound", "both", "computed"})
    public String differ = "";

    private RuleSet rules = Stocks.rules("  []");
    private final Memory memory = new Memory();
    private final Change change = Stocks.inserted(Stocks.START, Stocks.row(1, "0.50", "S0"));

    /** Made by JMH. */
    public ManyRules() {}

    /** Compiles the rules. */
    @Setup
    public void setUp() {
      StringBuilder triggers = new StringBuilder();
      for (int i = 0; i < count; i++) {
        String condition =
            switch (differ) {
              case "constant" -> "price > 0 && status == 'S" + i + "'";
              case "bound" -> "price > " + i;
              case "both" ->
                  "status == 'S" + i % 4 / 3 + "' && price >= " + i + " && price < 1000000";
              default -> "price * 2 > " + i;
            };
        triggers.append(
            "  - {event: E%d, on: insert stocks, when: \"%s\", data: {id, symbol, price}}%n"
                .formatted(i, condition));
      }
      rules = Stocks.rules(triggers.toString());
    }
  }

  /** One rule. */
  @Benchmark
  public List<Outcome> oneRule(OneRule state) {
    return state.rules.evaluate(state.change, state.memory);
  }

  /** Many rules. */
  @Benchmark
  public List<Outcome> manyRules(ManyRules state) {
    return state.rules.evaluate(state.change, state.memory);
  }
}
