package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.Subscription.ParkedKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is decided about dead letters. */
class LettersTest {
  private static final ParkedKey ONE = new ParkedKey("topic", "1");
  private static final ParkedKey TWO = new ParkedKey("topic", "2");

  private final ListSubscription journal = new ListSubscription();

  @Test
  void aKeyOfWhichALetterStaysIsNotReleased() throws Exception {
    journal.append("A", "1").append("B", "1").append("C", "1").append("D", "2");
    new Subscriber(
            "test",
            journal,
            new RecordingSink(1).rejecting("A").rejecting("D"),
            new RetryPolicy(1, Duration.ofSeconds(1), Duration.ofSeconds(1), 0),
            new Capacity(10, Long.MAX_VALUE),
            () -> 0,
            InstantSource.system(),
            new Random(1),
            new Subscriber.Stats())
        .step(Duration.ZERO, () -> false);
    List<DeadLetter> letters = journal.letters();
    assertThat(letters).hasSize(4);
    Set<ParkedKey> both = Set.of(ONE, TWO);

    assertThat(Letters.emptied(both, ids(letters), journal)).isEqualTo(both);
    for (DeadLetter stays : letters) {
      Set<String> dropped = ids(letters.stream().filter(letter -> !letter.equals(stays)).toList());
      assertThat(Letters.emptied(both, dropped, journal))
          .containsExactly(ONE.holds(stays) ? TWO : ONE);
    }
  }

  private static Set<String> ids(List<DeadLetter> letters) {
    return letters.stream().map(letter -> letter.id().toString()).collect(Collectors.toSet());
  }
}
