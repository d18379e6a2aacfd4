package io.rowbell.sqlite;

import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.event;
import static io.rowbell.testkit.Samples.stateBatch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.Position;
import io.rowbell.spi.Batch;
import io.rowbell.spi.ByteSize;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalException.Kind;
import io.rowbell.spi.StateChange;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.ParkedKey;
import io.rowbell.spi.Subscription.Progress;
import io.rowbell.testkit.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal without room: what still goes through, what it says, and that it goes on. */
class SqliteFullIT {
  private static final Duration FOR_EVER = Duration.ofDays(10_000);
  private static final int PER_BATCH = 10;

  private final SettableClock clock = new SettableClock();

  @TempDir Path directory;
  private JournalFile file;

  @BeforeEach
  void chooseFile() {
    file = new JournalFile(directory.resolve("journal.db"));
  }

  private SqliteJournal open(Duration keep, String maxSize) throws JournalException {
    return SqliteJournal.open(file, "full", keep, ByteSize.parse(maxSize), clock);
  }

  private static List<DomainEvent> large(int from, int to) {
    EventData data = EventData.ofJson('"' + "x".repeat(1_500) + '"');
    return IntStream.range(from, to).mapToObj(i -> event("A", "k", i, data)).toList();
  }

  private static void append(SqliteJournal journal, int number) throws Exception {
    journal.append(batch(number, large(number * PER_BATCH, (number + 1) * PER_BATCH)));
  }

  /** How an append that finds no room ends; {@code appended} counts those that did, from 1. */
  private record Filled(JournalException full, int appended) {}

  private static Filled fill(SqliteJournal journal) {
    return fill(journal, 1);
  }

  private static Filled fill(SqliteJournal journal, int from) {
    int number = from;
    while (true) {
      int next = number;
      JournalException full =
          catchThrowableOfType(JournalException.class, () -> append(journal, next));
      if (full != null) {
        assertThat(full.kind()).as(full.getMessage()).isEqualTo(Kind.FULL);
        return new Filled(full, next - 1);
      }
      number++;
    }
  }

  private static void done(Subscription subscription, int count) throws Exception {
    int left = count;
    while (left > 0) {
      List<Entry> entries = subscription.poll(left, Duration.ofSeconds(10));
      left -= entries.size();
      subscription.commit(upTo(entries));
    }
  }

  private static Progress upTo(List<Entry> entries) {
    return new Progress(Map.of("0", after(entries)), List.of(), Set.of());
  }

  private static long after(List<Entry> entries) {
    return entries.get(entries.size() - 1).offset() + 1;
  }

  @Test
  void itSaysWhoKeepsItFullAndGoesOnOnceThereIsRoom() throws Exception {
    try (SqliteJournal journal = open(FOR_EVER, "2MiB");
        Subscription audit = journal.subscribe("audit", Set.of(), Start.EARLIEST)) {
      Filled filled = fill(journal);
      assertThat(filled.full())
          .hasMessageContaining("2MiB")
          .hasMessageContaining("'audit'")
          .hasMessageContaining(filled.appended() * PER_BATCH + " events");
      assertThat(Files.size(file.path())).isLessThanOrEqualTo(2 << 20);
      assertThat(journal.resume().checkpoint())
          .isEqualTo(Checkpoint.at(new Position(filled.appended())));

      // The cursor moves though there is no room, and that makes room for what was refused.
      done(audit, filled.appended() * PER_BATCH);
      for (int i = filled.appended() + 1; i < filled.appended() * 4; i++) {
        append(journal, i);
        done(audit, PER_BATCH);
      }
      assertThat(Files.size(file.path())).isLessThanOrEqualTo(2 << 20);
    }
  }

  @Test
  void itOpensAgain() throws Exception {
    Filled filled;
    try (SqliteJournal journal = open(FOR_EVER, "2MiB")) {
      journal.subscribe("audit", Set.of(), Start.EARLIEST).close();
      filled = fill(journal);
    }
    try (SqliteJournal journal = open(FOR_EVER, "1MiB");
        Subscription audit = journal.subscribe("audit", Set.of(), Start.EARLIEST)) {
      int kept = Math.toIntExact(journal.status().lag().getOrDefault("audit", -1L));
      assertThat(kept).isEqualTo(filled.appended() * PER_BATCH);
      done(audit, kept);
      append(journal, filled.appended() + 1);
    }
  }

  @Test
  void whatASubscriberGivesUpFindsRoomAndMakesRoom() throws Exception {
    try (SqliteJournal journal = open(FOR_EVER, "2MiB");
        Subscription broken = journal.subscribe("broken", Set.of(), Start.EARLIEST);
        Subscription slow = journal.subscribe("slow", Set.of(), Start.EARLIEST)) {
      Filled filled = fill(journal);
      int events = filled.appended() * PER_BATCH;

      // The other one is done with nothing: only the reserve is there.
      giveUp(broken, 50);
      int next = filled.appended() + 1;
      journal.append(batch(next));
      assertThat(journal.resume().checkpoint())
          .as("a position without events needs no room")
          .isEqualTo(Checkpoint.at(new Position(next)));
      assertThat(fill(journal, next).appended()).isEqualTo(filled.appended());
      done(slow, events);

      // More than the reserve holds: each letter takes the place of its event.
      int left = events - 50;
      while (left > 0) {
        left -= giveUp(broken, Math.min(left, 200));
      }
      assertThat(Files.size(file.path())).isLessThanOrEqualTo(2 << 20);
      assertThat(DeadLetters.read(file, letter -> true, 10_000)).hasSize(events);
      assertThat(journal.status().lag()).containsEntry("broken", 0L);
    }
  }

  @Test
  void whatRulesRememberTakesNothingOfTheReserve() throws Exception {
    try (SqliteJournal journal = open(FOR_EVER, "2MiB");
        Subscription broken = journal.subscribe("broken", Set.of(), Start.EARLIEST);
        Subscription slow = journal.subscribe("slow", Set.of(), Start.EARLIEST)) {
      int next = fill(journal).appended() + 1;
      int kept = 0;
      JournalException full = null;
      while (full == null) {
        StateChange state = new StateChange("rule/r/" + kept, new byte[1_500]);
        int position = next;
        full =
            catchThrowableOfType(
                JournalException.class, () -> journal.append(stateBatch(position, state)));
        kept += full == null ? 1 : 0;
        next++;
      }
      assertThat(full.kind()).isEqualTo(Kind.FULL);
      assertThat(journal.resume().state()).hasSize(kept);
      giveUp(broken, 50);

      // What takes no room goes through: the position, a new value, and what is forgotten.
      journal.append(batch(next));
      journal.append(stateBatch(next + 1, new StateChange("rule/r/0", new byte[1_400])));
      journal.append(stateBatch(next + 2, StateChange.forget("rule/r/1")));
      assertThat(journal.resume().state()).hasSize(kept - 1);
      done(slow, PER_BATCH);
    }
  }

  @Test
  void whatRulesRememberIsWholeWhenTheDiskHasNoRoomForIt() throws Exception {
    Optional<SmallDisk> mounted = SmallDisk.mount(directory.resolve("disk"), 6 << 20);
    assumeTrue(mounted.isPresent(), "mounting a small disk needs root");
    try (SmallDisk disk = mounted.orElseThrow()) {
      file = new JournalFile(disk.path().resolve("journal.db"));
      try (SqliteJournal journal = open(FOR_EVER, "1GiB")) {
        journal.append(stateBatch(1, new StateChange("a", new byte[] {1})));
        cutTheLog();
        disk.fill();
        Batch large = stateBatch(2, new StateChange("a", new byte[200_000]));
        assertThatThrownBy(() -> journal.append(large))
            .isInstanceOfSatisfying(
                JournalException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FULL));
        assertThat(journal.resume().state().get("a")).containsExactly(1);
        disk.free();
        journal.append(large);
      }
      try (SqliteJournal journal = open(FOR_EVER, "1GiB")) {
        assertThat(journal.resume().state().get("a")).hasSize(200_000);
      }
    }
  }

  /** Gives up the next events, each with all of its data. */
  private static int giveUp(Subscription subscription, int count) throws Exception {
    List<Entry> entries = subscription.poll(count, Duration.ofSeconds(10));
    List<DeadLetter> letters =
        entries.stream()
            .map(Entry::event)
            .map(
                event ->
                    new DeadLetter(
                        event.id(),
                        "broken",
                        event.type(),
                        event.topic(),
                        event.key(),
                        event.time(),
                        "X502",
                        "tried 10 times",
                        event.data()))
            .toList();
    subscription.commit(
        new Progress(
            Map.of("0", after(entries)),
            letters,
            Set.of(new ParkedKey(letters.get(0).topic(), "k"))));
    return entries.size();
  }

  @Test
  void deadLettersAloneMakeItFullAndTheMessageSaysSo() throws Exception {
    try (SqliteJournal journal = open(FOR_EVER, "1MiB");
        Subscription broken = journal.subscribe("broken", Set.of(), Start.EARLIEST)) {
      int number = 1;
      JournalException full = null;
      while (full == null) {
        int next = number++;
        full =
            catchThrowableOfType(
                JournalException.class,
                () -> {
                  append(journal, next);
                  giveUp(broken, PER_BATCH);
                });
      }
      assertThat(full.kind()).isEqualTo(Kind.FULL);
      assertThat(full).hasMessageContaining("rowbell dead-letters list");
    }
  }

  @Test
  void aDiskThatWasFullForAWhileIsNotTheEnd() throws Exception {
    Optional<SmallDisk> mounted = SmallDisk.mount(directory.resolve("disk"), 6 << 20);
    assumeTrue(mounted.isPresent(), "mounting a small disk needs root");
    try (SmallDisk disk = mounted.orElseThrow()) {
      file = new JournalFile(disk.path().resolve("journal.db"));
      Duration keep = Duration.ofHours(1);
      try (SqliteJournal journal = open(keep, "1GiB");
          Subscription audit = journal.subscribe("audit", Set.of(), Start.EARLIEST)) {
        append(journal, 1);
        done(audit, PER_BATCH);
        journal.tidy();
        cutTheLog();
        disk.fill();
        clock.advance(keep);
        assertThatThrownBy(journal::tidy)
            .isInstanceOfSatisfying(
                JournalException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FULL));
        journal.keepHouse();
        assertThat(fill(journal, 2).full()).hasMessageContaining("make room on the disk");
        assertThat(events()).isEqualTo(PER_BATCH);

        disk.free();
        journal.keepHouse();
        assertThat(events()).as("the old ones are gone").isZero();
        append(journal, 2);
        done(audit, PER_BATCH);
        assertThat(events()).isEqualTo(PER_BATCH);
      }
    }
  }

  /** SQLite's log keeps the room it once took: what is small would find room there. */
  private void cutTheLog() throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
  }

  private int events() throws Exception {
    try (EventReader reader = SqliteReader.open(file, Journal.Start.EARLIEST)) {
      return reader.poll(1_000, Duration.ZERO).size();
    }
  }
}
