package io.rowbell.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Which faults meet a workload, and when: made from a seed, printed so that it can be run again,
 * and shrunk when it fails.
 *
 * <pre>{@code
 * FaultSchedule schedule = FaultSchedule.chosen().orElse(FaultSchedule.random(seed, 20, 50, names));
 * schedule.run(load, Map.of("kill", engine::kill, "cut", proxy::cut));
 * }</pre>
 *
 * @param seed what it was made of; the workload's too
 * @param steps the faults, in order
 */
public record FaultSchedule(long seed, List<Step> steps) {
  /** The system property that holds a whole schedule, as {@link #toString} prints it. */
  public static final String PROPERTY = "rowbell.faults.schedule";

  public FaultSchedule {
    steps = List.copyOf(steps);
  }

  /**
   * One fault.
   *
   * @param commits after how many commits more than at the fault before
   * @param fault its name
   */
  public record Step(int commits, String fault) {
    @Override
    public String toString() {
      return commits + ":" + fault;
    }
  }

  /** Brings a fault about, and returns when it has happened. */
  @FunctionalInterface
  public interface Fault {
    void inject() throws Exception;
  }

  /** Whether a schedule still fails: a whole run of it. */
  @FunctionalInterface
  public interface Trial {
    boolean fails(FaultSchedule schedule) throws Exception;
  }

  /**
   * Chooses faults.
   *
   * @param steps how many
   * @param mostCommits how many commits there may be between two
   * @param faults of which names to choose; one that is there twice is chosen twice as often
   */
  public static FaultSchedule random(long seed, int steps, int mostCommits, List<String> faults) {
    Random random = new Random(seed);
    List<Step> chosen = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      chosen.add(
          new Step(1 + random.nextInt(mostCommits), faults.get(random.nextInt(faults.size()))));
    }
    return new FaultSchedule(seed, chosen);
  }

  /** The schedule that {@value #PROPERTY} asks for. */
  public static Optional<FaultSchedule> chosen() {
    return Optional.ofNullable(System.getProperty(PROPERTY)).map(FaultSchedule::parse);
  }

  /**
   * Reads what {@link #toString} printed.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static FaultSchedule parse(String text) {
    List<Step> steps = new ArrayList<>();
    String[] words = text.split(",", -1);
    for (int i = 1; i < words.length; i++) {
      String[] parts = words[i].split(":", 2);
      if (parts.length != 2) {
        throw new IllegalArgumentException(
            "a step is COMMITS:FAULT, as in 12:kill, not '" + words[i] + "'");
      }
      steps.add(new Step(Integer.parseInt(parts[0]), parts[1]));
    }
    return new FaultSchedule(Long.parseLong(words[0]), steps);
  }

  /**
   * Injects each fault when its time has come.
   *
   * @param faults what the names mean
   * @return how long each took, what the load had to commit before it included
   * @throws AssertionError if one failed, with its name and how long that took
   */
  public List<Duration> run(LedgerWorkload load, Map<String, Fault> faults) {
    List<Duration> took = new ArrayList<>();
    for (Step step : steps) {
      Fault fault = faults.get(step.fault());
      if (fault == null) {
        throw new IllegalArgumentException("there is no fault '" + step.fault() + "' here");
      }
      long began = System.nanoTime();
      try {
        load.awaitCommits(step.commits());
        fault.inject();
      } catch (Exception | AssertionError e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        throw new AssertionError(
            "step %d of %d, %s, failed after %s: %s"
                .formatted(took.size() + 1, steps.size(), step, since(began), e.getMessage()),
            e);
      }
      took.add(since(began));
    }
    return took;
  }

  private static Duration since(long began) {
    return Duration.ofMillis((System.nanoTime() - began) / 1_000_000);
  }

  /**
   * Leaves faults out of a schedule that fails, as long as it still does.
   *
   * @return one that fails, of whose faults none can be left out
   * @throws IllegalStateException if a trial could not be run
   */
  public FaultSchedule shrink(Trial trial) {
    return new FaultSchedule(
        seed, Shrinking.shrink(steps, less -> fails(trial, new FaultSchedule(seed, less))));
  }

  private static boolean fails(Trial trial, FaultSchedule schedule) {
    try {
      return trial.fails(schedule);
    } catch (Exception e) {
      throw new IllegalStateException("the schedule " + schedule + " could not be run", e);
    }
  }

  /** Text for {@value #PROPERTY}: the seed, and the steps as COMMITS:FAULT. */
  @Override
  public String toString() {
    return seed + steps.stream().map(step -> "," + step).collect(Collectors.joining());
  }
}
