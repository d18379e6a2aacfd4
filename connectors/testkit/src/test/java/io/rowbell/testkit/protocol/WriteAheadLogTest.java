package io.rowbell.testkit.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WriteAheadLogTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      value = {
        "a b A . B      > BEGIN a, a@0.0, COMMIT a, marker, BEGIN b, b@1.0, COMMIT b",
        "a3 b B A       > BEGIN b, b@1.0, COMMIT b, BEGIN a, a@0.0, a@0.1, a@0.2, COMMIT a",
        "a ~a2 <a ~a A  > BEGIN a, a@0.0, a@3.0, COMMIT a",
        "~a <a A b !b . > marker",
        "a ?a b B A     > BEGIN b, b@2.0, COMMIT b, BEGIN a, a@0.0, COMMIT a",
        "a ?a !a        > ''",
      })
  void aSlotSendsWholeTransactionsInCommitOrder(String log, String sent) {
    assertThat(WriteAheadLog.of(log).items()).hasToString("[" + sent + "]");
  }

  @Test
  void aPositionCoversWhatWasCommittedBeforeIt() {
    WriteAheadLog log = WriteAheadLog.of("a3 b B A");
    assertThat(log.events())
        .hasToString(
            "[ROW b@1.0 #1, COMMIT b@2.0 #1, ROW a@0.0 #2, ROW a@0.1 #3, ROW a@0.2 #4, COMMIT a@3.0"
                + " #3]");
    assertThat(log.covered(Checkpoint.START)).isZero();
    assertThat(log.covered(Checkpoint.at(3))).isEqualTo(2);
    assertThat(log.covered(new Checkpoint(3, 'a', 2))).isEqualTo(4);
    assertThat(log.covered(Checkpoint.at(4))).isEqualTo(6);
    assertThat(log.covered(Checkpoint.at(2))).as("no commit's end").isNegative();
    assertThat(log.covered(new Checkpoint(3, 'b', 1))).as("not the next").isNegative();
    assertThat(log.covered(new Checkpoint(3, 'a', 4))).as("not so many rows").isNegative();
  }

  @Test
  void randomLogsHaveAllKindsOfRecords() {
    Random random = new Random(1);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      String log = WriteAheadLog.random(random, 30);
      assertThat(WriteAheadLog.of(log).items()).isNotEmpty();
      all.append(log).append(' ');
    }
    assertThat(all)
        .contains("<")
        .contains("?")
        .contains("!")
        .contains("~")
        .contains("-")
        .contains(" . ");
  }
}
