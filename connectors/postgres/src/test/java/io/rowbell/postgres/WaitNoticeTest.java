package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitNoticeTest {
  private final List<String> said = new ArrayList<>();
  private final WaitNotice notice =
      new WaitNotice("the backfill", Duration.ofNanos(10), said::add, said::add);

  @Test
  void saysOnceWhyItWaitsAndOnceThatItGoesOn() throws SQLException {
    notice.waits(0, () -> "early");
    assertThat(said).isEmpty();
    notice.waits(10, () -> "a lock");
    notice.waits(11, () -> "a lock");
    assertThat(said).containsExactly("the backfill waits: a lock");
    notice.goesOn(Duration.ofSeconds(7).toNanos());
    notice.goesOn(Duration.ofSeconds(8).toNanos());
    assertThat(said)
        .containsExactly("the backfill waits: a lock", "the backfill goes on after 7 s");
  }

  @Test
  void aShortWaitIsNotWorthAWordAndTheNextOneCountsAnew() throws SQLException {
    notice.waits(0, () -> "a lock");
    notice.goesOn(5);
    notice.waits(12, () -> "a lock");
    assertThat(said).isEmpty();
    notice.waits(22, () -> "another lock");
    assertThat(said).containsExactly("the backfill waits: another lock");
  }
}
