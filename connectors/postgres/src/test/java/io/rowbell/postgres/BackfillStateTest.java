package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.TableId;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackfillStateTest {
  @Test
  void isReadAsItWasWritten() {
    BackfillState state =
        new BackfillState(
            false, List.of("a\n\0b", ""), List.of(List.of("ü", "1"), List.of("", "\"")));
    assertThat(BackfillState.parse(state.bytes())).isEqualTo(state);
    assertThat(BackfillState.parse(BackfillState.FINISHED.bytes()))
        .isEqualTo(BackfillState.FINISHED);
    assertThat(BackfillState.parse(null)).isEqualTo(BackfillState.NEW);
  }

  @Test
  void anotherFormIsRefused() {
    assertThatThrownBy(() -> BackfillState.parse(new byte[] {9, 0}))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void tablesDoNotShareNames() {
    assertThat(BackfillState.name(new TableId("a.b", "c")))
        .isNotEqualTo(BackfillState.name(new TableId("a", "b.c")));
  }
}
