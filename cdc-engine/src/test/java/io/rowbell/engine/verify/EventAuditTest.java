package io.rowbell.engine.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.engine.verify.Discrepancy.Kind;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.model.Position;
import io.rowbell.spi.EventReader.Entry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is told of events, and when; a second is the grace, and time is the test's. */
class EventAuditTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final EventAudit audit = new EventAudit(Duration.ofSeconds(1), Sample.ALL);
  private final List<Discrepancy> told = new ArrayList<>();
  private long now;

  private static DomainEvent event(int number, String key, String data) {
    return new DomainEvent(
        new EventId(new UUID(1, number)),
        "/rowbell/shop/public.t",
        "Changed",
        1,
        key,
        Instant.EPOCH.plusSeconds(number),
        "shop.t",
        Map.of(
            "position", new Position(number).toString(), "op", "insert", "rule", "r", "xid", "7"),
        EventData.ofJson(data));
  }

  private static DomainEvent event(int number) {
    return event(number, "k", "{}");
  }

  /** Rules make an event of a transaction that ends behind it. */
  private void expect(int... numbers) {
    for (int number : numbers) {
      told.addAll(audit.expect(event(number), now));
      audit.through(new Position(number + 1));
    }
  }

  private void found(long offset, DomainEvent event) {
    told.addAll(audit.found(new Entry("0", offset, event), now));
  }

  private void found(long offset, int number) {
    found(offset, event(number));
  }

  /** Time passes; the journal is asked as often as it has to be. */
  private void pass(int seconds, int durable, int read) {
    for (int i = 0; i < seconds * 2; i++) {
      now += SECOND / 2;
      if (audit.isOverdue(now)) {
        told.addAll(audit.settle(new Position(durable), new Position(read), true, now));
      }
    }
  }

  private List<Kind> kinds() {
    return told.stream().map(Discrepancy::kind).toList();
  }

  @Test
  void nothingIsToldOfEventsThatAreThereWhicheverSideIsAhead() {
    expect(1, 2);
    found(1, 1);
    found(2, 2);
    found(3, 3);
    expect(3);
    pass(10, 100, 100);

    assertThat(told).isEmpty();
    assertThat(audit.isSettled()).isTrue();
    assertThat(audit.tally(now).found()).isEqualTo(3);
    assertThat(audit.tally(now).isKept()).isTrue();
  }

  @Test
  void anEventIsMissingOnlyOnceTheJournalIsPastItAndTheGraceIsOver() {
    expect(1, 5);
    found(1, 5);
    pass(30, 1, 100);
    assertThat(kinds()).as("the journal is not past it").containsExactly(Kind.LATE);
    assertThat(audit.tally(now).oldest()).isEqualTo(Duration.ofSeconds(30));
    assertThat(audit.tally(now).isKept()).as("it may come yet").isTrue();

    now += SECOND / 2;
    told.addAll(audit.settle(new Position(2), new Position(100), true, now));
    assertThat(kinds()).as("what the journal has may not be read yet").hasSize(1);
    pass(2, 2, 100);

    assertThat(kinds()).containsExactly(Kind.LATE, Kind.MISSING);
    assertThat(told.get(1).text()).contains("X601 missing: Changed of key 'k'", "changed at 0/1");
    assertThat(audit.tally(now).isKept()).isFalse();
    found(2, 1);
    assertThat(kinds()).endsWith(Kind.OUT_OF_ORDER).hasSize(3);
  }

  @Test
  void aJournalThatStandsStillIsToldOnceEachTime() {
    expect(1, 2, 3);
    pass(10, 1, 100);
    found(1, 1);
    found(2, 2);
    found(3, 3);
    pass(1, 10, 100);
    expect(20);
    pass(10, 10, 100);

    assertThat(kinds()).containsExactly(Kind.LATE, Kind.LATE);
    assertThat(told.get(0).detail()).endsWith("3 in all are late");
    assertThat(told.get(1).event()).isEqualTo(event(20));
  }

  @Test
  void anEventOfATransactionThatIsNotAtItsEndIsNeverMissing() {
    told.addAll(audit.expect(event(1), now));
    pass(30, 1_000, 1_000);
    assertThat(kinds()).containsExactly(Kind.LATE);

    found(1, 1);
    assertThat(audit.isSettled()).isTrue();
  }

  @Test
  void anEventIsDoubledAlsoWhereNobodyKnowsItYet() {
    expect(1);
    found(1, 1);
    found(2, 1);
    found(3, 2);
    found(4, 2);
    expect(2);
    assertThat(kinds()).as("another change of its may come").containsExactly(Kind.DOUBLED);
    pass(3, 100, 100);

    assertThat(kinds()).containsExactly(Kind.DOUBLED, Kind.DOUBLED);
    assertThat(audit.tally(now).found()).isEqualTo(2);
  }

  @Test
  void orderIsToldWithinAKeyAndAPartition() {
    expect(1, 2, 3);
    told.addAll(audit.expect(event(4, "other", "{}"), now));
    found(2, 2);
    found(3, 1);
    found(1, event(4, "other", "{}"));
    told.addAll(audit.found(new Entry("1", 0, event(3)), now));

    assertThat(kinds()).containsExactly(Kind.OUT_OF_ORDER);
    assertThat(told.get(0).event()).isEqualTo(event(1));
  }

  @Test
  void orderIsToldAlsoIfTheJournalIsReadFirst() {
    found(1, 2);
    found(2, 1);
    expect(1, 2);

    assertThat(kinds()).containsExactly(Kind.OUT_OF_ORDER);
  }

  @Test
  void otherContentIsToldByItsNameOnceTheRulesAreKnownToBeTheSame() {
    expect(1, 2);
    found(1, event(1, "k", "{\"secret\":1}"));
    assertThat(told).isEmpty();
    pass(1, 100, 100);

    assertThat(kinds()).containsExactly(Kind.DIFFERENT);
    assertThat(told.get(0).detail()).endsWith("it has another data").doesNotContain("secret");
    found(2, event(2, "elsewhere", "{}"));
    audit.begin(Checkpoint.at(new Position(50)));
    pass(5, 100, 100);
    assertThat(kinds()).as("other rules have taken over").hasSize(1);
  }

  @Test
  void anEventIsUnexpectedOnceTheAuditIsPastWhereTheJournalWasThen() {
    audit.begin(Checkpoint.at(new Position(5)));
    found(1, 3);
    found(2, 7);
    pass(10, 8, 6);
    assertThat(told).as("the audit is behind the journal").isEmpty();

    pass(2, 20, 8);

    assertThat(kinds()).containsExactly(Kind.UNEXPECTED);
    assertThat(told.get(0).event()).isEqualTo(event(7));
    assertThat(audit.tally(now).leftOut()).as("of before the audit").isEqualTo(1);
  }

  /** As those of a state that began before the audit, and of transactions that had. */
  @Test
  void anEventOfAChangeBeforeTheAuditIsExpectedIfTheRulesMakeIt() {
    audit.begin(Checkpoint.at(new Position(5)));
    found(1, 3);
    expect(3);
    pass(10, 100, 100);

    assertThat(told).isEmpty();
    assertThat(audit.tally(now).found()).isEqualTo(1);
  }

  /** As rows of one COPY, whose rule chooses the id. */
  @Test
  void eventsThatCannotBeToldApartAreDoubledOnlyIfThereAreMoreThanTheRulesMake() {
    told.addAll(audit.expect(event(1), now));
    found(1, 1);
    found(2, 1);
    told.addAll(audit.expect(event(1), now));
    told.addAll(audit.expect(event(1), now));
    audit.through(new Position(2));
    found(3, 1);
    pass(5, 100, 100);
    assertThat(told).isEmpty();
    assertThat(audit.tally(now).found()).isEqualTo(3);

    found(4, 1);

    assertThat(kinds()).containsExactly(Kind.DOUBLED);
  }

  @Test
  void eventsOfTheTransactionInWhichTheAuditBeginsNeedNotBeExplained() {
    audit.begin(new Checkpoint(new Position(5), 7, 100));
    found(1, 6);
    pass(5, 100, 100);

    assertThat(told).isEmpty();
    assertThat(audit.tally(now).leftOut()).isEqualTo(1);
  }

  @Test
  void nothingIsMissingUntilTheJournalWasReadToWhereItEnded() {
    expect(1);
    for (boolean all : List.of(false, true, false, false)) {
      now += 2 * SECOND;
      assertThat(audit.missing(now).isEmpty()).isEqualTo(now < 6 * SECOND);
      told.addAll(audit.settle(new Position(2), new Position(2), all, now));
    }
    assertThat(told).isEmpty();

    pass(1, 2, 2);

    assertThat(kinds()).containsExactly(Kind.MISSING);
  }

  @Test
  void anEventWithADeadLetterInItsPlaceIsNotMissing() {
    expect(1, 2);
    now += 2 * SECOND;
    told.addAll(audit.settle(new Position(5), new Position(5), true, now));
    now += 2 * SECOND;
    assertThat(audit.missing(now)).containsExactlyInAnyOrder(event(1).id(), event(2).id());

    assertThat(audit.refused(Set.of(event(1).id()))).isEqualTo(1);
    pass(1, 5, 5);

    assertThat(kinds()).containsExactly(Kind.MISSING);
    assertThat(told.get(0).event()).isEqualTo(event(2));
  }

  @Test
  void rulesThatAreLeftOutAreNeitherExpectedNorUnexpected() {
    expect(1);
    found(1, 2);
    audit.leaveOut(Set.of("r"));
    expect(3);
    found(2, 4);
    pass(10, 100, 100);

    assertThat(told).isEmpty();
    assertThat(audit.tally(now).inFlight()).isZero();
  }

  @Test
  void aSampleTakesWholeKeysAndAboutItsShare() {
    Sample tenth = Sample.parse("10%");

    long taken = IntStream.range(0, 10_000).filter(i -> tenth.takes("key " + i)).count();

    assertThat(taken).isBetween(800L, 1_200L);
    assertThat(IntStream.range(0, 100).filter(i -> Sample.ALL.takes(String.valueOf(i))).count())
        .isEqualTo(100);
    assertThat(tenth).hasToString("10%");
    assertThatThrownBy(() -> Sample.parse("0%")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Sample.parse("ten"))
        .hasMessage("'ten' is no share: it looks like 10%");
  }
}
