package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.faults.Movement.Slot;
import io.rowbell.model.Position;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The judge of the fault cases lets nothing pass, and alarms nobody without cause. */
class MovementTest {
  private static final long STEP = TimeUnit.MILLISECONDS.toNanos(200);

  private final Movement movement = new Movement();
  private long now = TimeUnit.HOURS.toNanos(1);
  private long soundSince = now;
  private boolean running = true;
  private boolean sound = true;

  /** Looks five times a second. */
  private void look(int seconds, boolean ready, @Nullable Slot slot) {
    for (int i = 0; i < seconds * 5; i++) {
      now += STEP;
      movement.look(
          now - STEP / 10,
          now,
          running,
          ready,
          slot,
          sound ? OptionalLong.of(soundSince) : OptionalLong.empty());
    }
  }

  private static Slot slot(long confirmed, boolean read, long end) {
    return slot(confirmed, read ? 1 : 0, end);
  }

  private static Slot slot(long confirmed, int reader, long end) {
    return new Slot(new Position(confirmed), reader, new Position(end));
  }

  private void heal() {
    sound = true;
    soundSince = now;
  }

  @Test
  void aSlotThatMovesIsInOrder() {
    for (long position = 10; position < 100; position++) {
      look(1, true, slot(position, true, position + 5));
    }
    assertThat(movement.violations()).isEmpty();
    assertThat(movement.looks()).isEqualTo(90 * 5);
  }

  @Test
  void readinessThatOutlastsAStallIsFoundOnce() {
    look(12, true, slot(10, true, 20));
    assertThat(movement.violations()).isEmpty();
    look(10, true, slot(10, true, 20));
    assertThat(movement.violations()).singleElement().asString().startsWith("G7 ready");
  }

  @Test
  void readinessThatEndsInTimeIsInOrder() {
    look(11, true, slot(10, true, 20));
    look(10, false, slot(10, true, 20));
    assertThat(movement.violations()).isEmpty();
  }

  @Test
  void aMarkerMayBeBackBeforeItIsConfirmed() {
    look(20, false, slot(10, false, 20));
    look(2, true, slot(10, true, 20));
    look(5, true, slot(21, true, 30));
    assertThat(movement.violations()).isEmpty();
  }

  @Test
  void overANewStreamAMarkerMayBeBackThatIsNeverConfirmed() {
    look(3, true, slot(10, 1, 20));
    look(11, true, slot(10, 2, 20));
    look(1, false, slot(10, 0, 20));
    assertThat(movement.violations()).isEmpty();
    look(1, true, slot(10, 0, 20));
    assertThat(movement.violations()).singleElement().asString().startsWith("G7 ready");
  }

  @Test
  void nobodyIsReadyWhoReadsNothing() {
    look(20, false, slot(10, false, 20));
    look(1, true, slot(10, false, 20));
    assertThat(movement.violations()).singleElement().asString().contains("read by nobody");
  }

  @Test
  void aServerThatCannotBeAskedMovesNothing() {
    look(1, true, slot(10, true, 20));
    look(10, true, null);
    assertThat(movement.violations()).isEmpty();
    look(2, true, null);
    assertThat(movement.violations()).singleElement().asString().contains("cannot be seen");
  }

  @Test
  void toGoBackIsNoMovement() {
    look(8, true, slot(10, true, 20));
    look(8, true, slot(5, true, 20));
    assertThat(movement.violations()).singleElement().asString().startsWith("G7 ready");
  }

  @Test
  void whatIsLateIsFound() {
    long confirmed = 10;
    for (int second = 0; second < 29; second++) {
      look(1, true, slot(++confirmed, true, 1000));
    }
    assertThat(movement.violations()).isEmpty();
    for (int second = 0; second < 9; second++) {
      look(1, true, slot(++confirmed, true, 1000));
    }
    assertThat(movement.violations()).singleElement().asString().startsWith("G6 what was written");
  }

  @Test
  void whatWasWrittenWhileThereWasAFaultHasItsTimeFromTheEndOfIt() {
    sound = false;
    look(100, false, slot(10, false, 1000));
    heal();
    look(29, false, slot(10, true, 1000));
    assertThat(movement.violations()).isEmpty();
    look(2, false, slot(10, true, 1000));
    assertThat(movement.violations()).singleElement().asString().startsWith("G6 what was written");
  }

  @Test
  void nothingIsLateWhileThereIsNoEngine() {
    running = false;
    look(100, false, slot(10, false, 1000));
    assertThat(movement.violations()).isEmpty();
  }
}
