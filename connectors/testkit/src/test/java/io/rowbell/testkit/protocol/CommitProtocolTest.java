package io.rowbell.testkit.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every order of steps of small worlds, and of some faults between them. */
class CommitProtocolTest {
  private static final List<String> LOGS =
      List.of(". a A", "a A b c B . C", "a5 A b B", "a -b b5 . B a A", "a ?a !a b ~b <b B");

  private static Exploration explore(String log, int processes, int faults, Set<Flaw> flaws) {
    WriteAheadLog read = WriteAheadLog.of(log, flaws);
    return Exploration.of(new CommitProtocol(read, flaws), World.of(read.end(), processes, faults));
  }

  /**
   * @param states how many there are at least: otherwise the model has lost its faults, and the
   *     test its meaning
   */
  @ParameterizedTest
  @CsvSource({
    // Interleaved: rows lie below D, and a commit's end is the LSN of the next row.
    "a A b c B . C, 1, 5, 4000",
    // A COPY that is larger than a batch, and more of other transactions.
    "a -b b3 . B a2 A c C, 1, 5, 5000",
    "a5 A b B, 1, 6, 2000",
    // Savepoints, prepared transactions, rolled back and committed.
    "a ~a2 b <a B ?a c C !a . d ?d D, 1, 5, 4000",
    // One that takes over from another, which may not know it.
    "a A b B, 2, 3, 20000",
    "a3 A . b B, 2, 2, 40000",
  })
  void nothingIsLostOrDoubledWhateverHappensBetweenTwoSteps(
      String log, int processes, int faults, int states) {
    Exploration exploration = explore(log, processes, faults, Set.of());
    assertThat(exploration.violation()).isEmpty();
    assertThat(exploration.states()).isGreaterThan(states);
    assertThat(exploration.finished()).isGreaterThan(20);
  }

  @ParameterizedTest
  @EnumSource(Flaw.class)
  void everyWayToGetItWrongIsFoundWithFewFaults(Flaw flaw) {
    Violation found = find(Set.of(flaw)).orElseThrow();
    Schedule printed = Schedule.parse(found.schedule().toString());
    assertThat(printed.violation(Set.of(flaw))).contains(found.what());
    assertThat(printed.violation(Set.of())).isEmpty();
  }

  private static Optional<Violation> find(Set<Flaw> flaws) {
    for (int processes = 1; processes <= 2; processes++) {
      for (int faults = 0; faults <= 2; faults++) {
        for (String log : processes == 1 ? LOGS : List.of("a A")) {
          Optional<Violation> found = explore(log, processes, faults, flaws).violation();
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }
}
