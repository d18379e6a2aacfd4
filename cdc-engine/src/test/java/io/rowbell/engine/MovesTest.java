package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.rowbell.spi.Act;
import io.rowbell.spi.CursorRange;
import io.rowbell.spi.Decision;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a cursor goes; the events of the journal are a second apart, from 1970 on. */
class MovesTest {
  private static final Act ACT = new Act(Instant.EPOCH, "test", "out", "test", "");

  private final ListSubscription journal =
      new ListSubscription().append("A", null).append("B", null).append("C", null);

  private Proposal skip(String to) throws Exception {
    return Moves.move(
        new ActRequest(
            ActRequest.Kind.SKIP, "out", List.of(), null, false, to, false, true, "", "test"),
        journal);
  }

  @ParameterizedTest
  @CsvSource({
    "latest, 3",
    "+2, 2",
    "2, 2",
    "all:1, 1",
    "1970-01-01T00:00:01Z, 1",
    "1970-01-01T02:00:01+02:00, 1",
    "1969-12-31T22:30:02-01:30, 2"
  })
  void places(String to, long offset) throws Exception {
    assertThat(skip(to).decision()).isEqualTo(new Decision.Move(Map.of("all", offset)));
  }

  @Test
  void whatWasDeletedBeforeItWasDoneIsPassedOnRequest() throws Exception {
    journal.oldest(2);
    Proposal skip = skip("earliest");
    assertThat(skip.decision()).isEqualTo(new Decision.Move(Map.of("all", 2L)));
    assertThat(skip.text()).contains("all from 0 to 2");
    assertThat(skip.after()).contains("Up to 2 events are never delivered");

    journal.decide(new Decision.Pause(), ACT);
    assertThat(Moves.resume(journal).decision()).isNull();
    assertThat(Moves.resume(journal).text())
        .contains("up to 2 events that it has not passed were deleted", "'subscribers skip'");
    journal.decide(new Decision.Move(Map.of("all", 2L)), ACT);
    assertThat(Moves.resume(journal).decision()).isEqualTo(new Decision.Resume());
  }

  @ParameterizedTest
  @CsvSource({"earliest, 0", "latest, 3", "1, 1"})
  void aCursorWhosePlaceIsNotKnownGoesAnywhere(String to, long offset) throws Exception {
    journal.decide(new Decision.Move(Map.of("all", CursorRange.UNKNOWN)), ACT);
    Proposal skip = skip(to);
    assertThat(skip.decision()).isEqualTo(new Decision.Move(Map.of("all", offset)));
    assertThat(skip.text()).contains("all from an unknown place to " + offset);
    assertThat(skip.after()).contains("Up to " + offset + " events are never delivered");
    journal.decide(new Decision.Pause(), ACT);
    assertThat(Moves.resume(journal).text()).contains("the cluster has forgotten where it stood");
  }

  @Test
  void whatIsNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> skip("tomorrow"))
        .withMessageContaining("is no place");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> skip("other:1"))
        .withMessageContaining("there is no partition 'other'");
  }
}
