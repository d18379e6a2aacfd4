package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.Counterparts.Alone;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.testkit.Samples;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which events of two rules belong together, and when there is no other. */
class CounterpartsTest {
  private static final Instant BEGIN = Instant.parse("2026-11-21T10:00:00Z");
  private static final Duration WITHIN = Duration.ofMinutes(5);

  private static DomainEvent event(String type, String key, int second, int bytes) {
    return new DomainEvent(
        Samples.id(second),
        "/shop",
        type,
        1,
        key,
        BEGIN.plusSeconds(second),
        "topic",
        Map.of("position", "0/" + second),
        EventData.ofJson('"' + "x".repeat(bytes) + '"'));
  }

  private static DomainEvent event(String type, String key, int second) {
    return event(type, key, second, 10);
  }

  private static List<String> told(List<Alone> alone) {
    return alone.stream()
        .map(
            a ->
                a.event().type()
                    + (a.live() ? " live " : " shadow ")
                    + (a.compared() ? "alone" : "unknown"))
        .toList();
  }

  @Test
  void eventsOfOneChangeBelongTogetherUntilItsTransactionEnds() {
    Counterparts counterparts = new Counterparts(null);
    DomainEvent live = event("A", "k", 1);
    assertThat(counterparts.of(live, true)).isEmpty();
    assertThat(counterparts.of(event("A", "k", 2), true)).as("another change").isEmpty();
    assertThat(counterparts.alone(true)).isEmpty();
    assertThat(counterparts.of(event("B", "k", 1), false)).contains(live);
    assertThat(counterparts.of(event("C", "k", 1), false)).as("each but once").isEmpty();
    assertThat(told(counterparts.alone(false))).containsExactly("A live alone", "C shadow alone");
    assertThat(counterparts.alone(false)).isEmpty();
  }

  @Test
  void whatDoesNotFindRoomIsNotComparedNorWhatBelongsToIt() {
    Counterparts counterparts = new Counterparts(null);
    int large = (int) (Counterparts.MAX_BYTES / 4);
    for (int second = 1; second <= 3; second++) {
      assertThat(counterparts.of(event("A", "k", second, large), true)).isEmpty();
      assertThat(counterparts.alone(true)).isEmpty();
    }
    assertThat(counterparts.of(event("A", "k", 4, large), true)).isEmpty();
    assertThat(told(counterparts.alone(true))).containsExactly("A live unknown");
    assertThat(counterparts.of(event("A", "k", 1, large), false)).isEmpty();
    assertThat(counterparts.alone(true)).hasSize(1);
    assertThat(counterparts.of(event("A", "k", 4, large), false)).isPresent();
    assertThat(told(counterparts.alone(false)))
        .containsExactly("A live unknown", "A shadow unknown");

    assertThat(counterparts.of(event("A", "k", 9), true)).isEmpty();
    assertThat(told(counterparts.alone(false))).as("the next one").containsExactly("A live alone");
  }

  @Test
  void aTransactionOfWhichAPartWasMissedIsNotCompared() {
    Counterparts counterparts = new Counterparts(null);
    counterparts.missed();
    assertThat(counterparts.of(event("A", "k", 1), false)).isEmpty();
    assertThat(counterparts.alone(true)).isEmpty();
    assertThat(told(counterparts.alone(false))).containsExactly("A shadow unknown");
    assertThat(counterparts.of(event("A", "k", 2), false)).isEmpty();
    assertThat(told(counterparts.alone(false))).containsExactly("A shadow alone");
  }

  @Test
  void statesThatLastBelongTogetherByKeyWithinATimeAndOneOfTheSameTypeFirst() {
    Counterparts counterparts = new Counterparts(WITHIN);
    counterparts.at(BEGIN.minus(WITHIN).minusSeconds(1));
    DomainEvent down = event("Down", "k", 1);
    DomainEvent up = event("Up", "k", 60);
    assertThat(counterparts.of(down, true)).isEmpty();
    assertThat(counterparts.of(up, true)).isEmpty();
    assertThat(counterparts.of(event("Up", "other", 70), false)).isEmpty();
    assertThat(counterparts.of(event("Up", "k", 80), false)).contains(up);
    assertThat(counterparts.of(event("Other", "k", 90), false)).contains(down);
    assertThat(counterparts.alone(false)).isEmpty();
    counterparts.at(BEGIN.plusSeconds(70).plus(WITHIN));
    assertThat(counterparts.alone(false)).isEmpty();
    counterparts.at(BEGIN.plusSeconds(71).plus(WITHIN));
    assertThat(told(counterparts.alone(false))).containsExactly("Up shadow alone");
  }

  @Test
  void whatCouldHaveHadItsCounterpartBeforeTheBeginningIsNotCompared() {
    Counterparts counterparts = new Counterparts(WITHIN);
    counterparts.at(BEGIN);
    assertThat(counterparts.of(event("Down", "a", 10), false)).isEmpty();
    assertThat(counterparts.of(event("Down", "b", 301), false)).isEmpty();
    counterparts.at(BEGIN.plus(WITHIN).plusSeconds(302));
    assertThat(told(counterparts.alone(true)))
        .containsExactly("Down shadow unknown", "Down shadow alone");
  }

  @Test
  void statesThatAreFurtherApartDoNotBelongTogether() {
    Counterparts counterparts = new Counterparts(WITHIN);
    counterparts.at(BEGIN.minus(WITHIN).minusSeconds(1));
    DomainEvent early = event("Down", "k", 0);
    DomainEvent late = event("Down", "k", 3_600);
    assertThat(counterparts.of(early, true)).isEmpty();
    assertThat(counterparts.of(late, false)).isEmpty();
    assertThat(counterparts.of(event("Down", "k", 3_900), true)).as("just within").contains(late);
    assertThat(told(counterparts.alone(false))).containsExactly("Down live alone");
  }
}
