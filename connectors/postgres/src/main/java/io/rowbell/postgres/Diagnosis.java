package io.rowbell.postgres;

import io.rowbell.spi.Finding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Something that was found, and whether {@link Preflight#apply} carries its SQL out.
 *
 * @param problem what kind of thing it is
 * @param finding what is told
 * @param repairable whether the SQL only adds what the rules need and takes nothing from anybody
 */
record Diagnosis(Problem problem, Finding finding, boolean repairable) {

  /** Collects everything that is found. For one thread. */
  static final class Collector {
    private final List<Diagnosis> found = new ArrayList<>();

    /** Something people have to decide on; {@code sql} is printed for them. */
    void add(Problem problem, String subject, String message, String help, List<String> sql) {
      found.add(diagnosis(problem, subject, message, help, sql, false));
    }

    /** Something that carrying {@code sql} out mends. */
    void addRepairable(
        Problem problem, String subject, String message, String help, List<String> sql) {
      found.add(diagnosis(problem, subject, message, help, sql, true));
    }

    /** Everything found, errors first, otherwise in the order in which it was found. */
    List<Diagnosis> all() {
      return found.stream()
          .sorted(Comparator.comparing((Diagnosis diagnosis) -> diagnosis.finding().severity()))
          .toList();
    }

    private static Diagnosis diagnosis(
        Problem problem,
        String subject,
        String message,
        String help,
        List<String> sql,
        boolean repairable) {
      return new Diagnosis(
          problem,
          new Finding(
              problem.severity(),
              problem.code(),
              subject,
              message,
              help,
              sql,
              problem.aboutPosition()),
          repairable);
    }
  }
}
