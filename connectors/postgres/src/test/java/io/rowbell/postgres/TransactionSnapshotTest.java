package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class TransactionSnapshotTest {
  private static final long EPOCH = 1L << 32;

  @Test
  void seesWhatHadEndedAndNothingElse() {
    TransactionSnapshot snapshot = TransactionSnapshot.parse("10:20:10,14,15");
    assertThat(snapshot).isEqualTo(new TransactionSnapshot(10, 20, Set.of(10L, 14L, 15L)));
    assertThat(snapshot.sees(9)).isTrue();
    assertThat(snapshot.sees(10)).isFalse();
    assertThat(snapshot.sees(11)).isTrue();
    assertThat(snapshot.sees(15)).isFalse();
    assertThat(snapshot.sees(20)).isFalse();
    assertThat(TransactionSnapshot.parse("7:7:").running()).isEmpty();
  }

  @Test
  void theStreamsShortNumbersAreReadAroundTheSnapshot() {
    TransactionSnapshot after = new TransactionSnapshot(EPOCH + 5, EPOCH + 9, Set.of(EPOCH + 6));
    assertThat(after.sees(6)).isFalse();
    assertThat(after.sees(7)).isTrue();
    assertThat(after.sees(9)).isFalse();
    assertThat(after.sees(EPOCH - 3)).as("before the numbers began anew").isTrue();
    TransactionSnapshot before = new TransactionSnapshot(EPOCH - 5, EPOCH - 2, Set.of());
    assertThat(before.sees(EPOCH - 3)).isTrue();
    assertThat(before.sees(3)).as("behind the end of the numbers").isFalse();
  }
}
