package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.rowbell.spi.Decision;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a cursor goes; the events of the journal are a second apart, from 1970 on. */
class MovesTest {
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
  void whatIsNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> skip("tomorrow"))
        .withMessageContaining("is no place");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> skip("other:1"))
        .withMessageContaining("there is no partition 'other'");
  }
}
