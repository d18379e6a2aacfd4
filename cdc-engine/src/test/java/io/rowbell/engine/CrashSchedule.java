package io.rowbell.engine;

import io.rowbell.engine.Turn.Fate;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Position;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A log that is handed over in turns, to one engine after another if need be; when no turns are
 * left, all goes well.
 *
 * @param seed of the log
 * @param entries of the log
 */
record CrashSchedule(long seed, int entries, List<Turn> turns) {
  private static final List<Fate> FATES = List.of(Fate.values());

  /** A log of a seed, and the turns that the seed gives it. */
  static CrashSchedule random(long seed) {
    Random random = new Random(seed);
    List<Turn> turns = new ArrayList<>();
    int oneIn = 1 + random.nextInt(4);
    for (int i = 0; i < 40; i++) {
      Fate fate =
          random.nextInt(oneIn) == 0 ? FATES.get(random.nextInt(FATES.size())) : Fate.DURABLE;
      turns.add(new Turn(1 + random.nextInt(6), fate));
    }
    return new CrashSchedule(seed, 16, turns);
  }

  CrashSchedule with(List<Turn> other) {
    return new CrashSchedule(seed, entries, other);
  }

  /** What the journal holds when all has been handed over: what must not depend on the turns. */
  record Held(
      List<DomainEvent> events,
      List<DeadLetter> deadLetters,
      @Nullable Checkpoint checkpoint,
      Map<String, String> state) {
    static Held of(ModelJournal journal) {
      Map<String, String> state = new TreeMap<>();
      journal
          .resume()
          .state()
          .forEach((name, value) -> state.put(name, Base64.getEncoder().encodeToString(value)));
      return new Held(
          journal.events(), journal.deadLetters(), journal.resume().checkpoint(), state);
    }
  }

  /** A run of the schedule. */
  Run over(ModelJournal journal) {
    return new Run(
        TransactionLog.random(seed, entries),
        new ArrayDeque<>(turns),
        journal,
        Checkpoint.at(Position.ZERO));
  }

  @Override
  public String toString() {
    return "log %d of %d entries, turns %s"
        .formatted(
            seed, entries, turns.stream().map(Turn::toString).collect(Collectors.joining(" ")));
  }

  /** What is left of a schedule: outlives the engines that it kills. For one thread at a time. */
  static final class Run implements ScriptedSource.Reader {
    private final TransactionLog log;
    private final Deque<Turn> left;
    private final ModelJournal journal;
    private Checkpoint confirmed;

    Run(TransactionLog log, Deque<Turn> left, ModelJournal journal, Checkpoint confirmed) {
      this.log = log;
      this.left = left;
      this.journal = journal;
      this.confirmed = confirmed;
    }

    /** Whether all turns are over and all is durable. */
    boolean isOver() {
      return log.end().equals(journal.resume().checkpoint());
    }

    @Override
    public void read(Resume resume, Source.BatchHandler handler)
        throws JournalException, InterruptedException {
      if (resume.checkpoint() != null && resume.checkpoint().compareTo(confirmed) < 0) {
        throw new AssertionError("resumed from " + resume.checkpoint() + ", behind " + confirmed);
      }
      Checkpoint durable = resume.checkpoint();
      while (true) {
        Turn turn = left.isEmpty() ? Turn.SOUND : left.remove();
        ChangeBatch batch = log.next(durable, turn.room());
        if (batch == null) {
          return;
        }
        turn.fate().befall(journal);
        handler.handle(batch);
        durable = batch.checkpoint();
        confirm(durable);
      }
    }

    /** Returning is acknowledging: I1 and I4. */
    private void confirm(Checkpoint position) {
      Checkpoint held = journal.resume().checkpoint();
      if (held == null || held.compareTo(position) < 0) {
        throw new AssertionError(position + " is confirmed, and the journal has " + held);
      }
      confirmed = position;
    }
  }
}
