package io.rowbell.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.testkit.FaultSchedule.Step;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FaultScheduleTest {
  private static final List<String> NAMES = List.of("kill", "cut", "blackhole");

  @Test
  void aSeedAlwaysMakesTheSame() {
    FaultSchedule schedule = FaultSchedule.random(5, 20, 10, NAMES);
    assertThat(schedule).isEqualTo(FaultSchedule.random(5, 20, 10, NAMES));
    assertThat(schedule).isNotEqualTo(FaultSchedule.random(6, 20, 10, NAMES));
    assertThat(schedule.steps())
        .hasSize(20)
        .allSatisfy(step -> assertThat(step.commits()).isBetween(1, 10));
  }

  @Test
  void whatIsPrintedCanBeRunAgain() {
    FaultSchedule schedule = FaultSchedule.random(5, 20, 10, NAMES);
    assertThat(FaultSchedule.parse(schedule.toString())).isEqualTo(schedule);
    assertThat(FaultSchedule.parse("7,3:kill,1:cut"))
        .isEqualTo(new FaultSchedule(7, List.of(new Step(3, "kill"), new Step(1, "cut"))));
    assertThatThrownBy(() -> FaultSchedule.parse("7,kill")).hasMessageContaining("COMMITS:FAULT");
  }

  @Test
  void faultsThatAreNotNeededAreLeftOut() throws Exception {
    FaultSchedule schedule =
        FaultSchedule.parse("1,1:a,2:b,3:kill,4:c,5:d,6:e,7:cut,8:f,9:g,10:h,11:i,12:j");
    AtomicInteger trials = new AtomicInteger();
    FaultSchedule smallest =
        schedule.shrink(
            less -> {
              trials.incrementAndGet();
              return less.toString().matches(".*kill.*cut.*");
            });
    assertThat(smallest).hasToString("1,3:kill,7:cut");
    assertThat(trials.get()).isLessThan(40);
  }
}
