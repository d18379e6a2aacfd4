package io.rowbell.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Origin;
import io.rowbell.model.Requirements;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.StateChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Source} promises whoever makes its changes durable. A source's test extends
 * this and says how its database is written.
 *
 * <p>The journal is played here: a batch is durable once the handler has returned, and the next run
 * resumes from the last durable batch.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
public abstract class SourceContract {
  /** Opens a source of the test's database, prepared to run; the one before is closed. */
  protected abstract Source open() throws Exception;

  /** What is needed of the table that {@link #commit} writes to. */
  protected abstract Requirements requirements();

  /** Inserts one row for each id, in order, in one transaction that commits. */
  protected abstract void commit(int... ids) throws Exception;

  /** Inserts one row for each id in one transaction that is rolled back. */
  protected abstract void rollBack(int... ids) throws Exception;

  /** The id of the row that a change inserted. */
  protected abstract int id(Change change);

  /** A journal in memory: what was durable when the process died. */
  private static final class Durable {
    final List<Change> changes = new ArrayList<>();
    Resume resume = Resume.NEW;

    void append(Source source, ChangeBatch batch) {
      try {
        changes.addAll(batch.changes());
        Map<String, byte[]> state = new HashMap<>(resume.state());
        for (StateChange change : batch.progress()) {
          byte[] value = change.value();
          if (value == null) {
            state.remove(change.name());
          } else {
            state.put(change.name(), value);
          }
        }
        resume = new Resume(source.database(), batch.checkpoint(), state);
      } catch (io.rowbell.spi.SourceException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Runs until so many changes are durable in all. */
  private void runUntil(int count, Durable durable) throws Exception {
    try (Source source = open()) {
      source.claim();
      source.run(
          requirements(),
          durable.resume,
          batch -> {
            durable.append(source, batch);
            if (durable.changes.size() >= count) {
              source.stop();
            }
          });
    }
  }

  private List<Integer> ids(List<Change> changes) {
    return changes.stream().map(this::id).toList();
  }

  @Test
  void whatCommittedComesInTheOrderOfItsCommitsAndNothingElse() throws Exception {
    Durable durable = new Durable();
    commit(1, 2, 3);
    rollBack(100, 101);
    commit(4);
    rollBack(102);
    commit(5, 6);
    runUntil(6, durable);
    assertThat(ids(durable.changes)).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(durable.changes.stream().map(Change::origin).distinct()).hasSize(6);
    commit(7);
    runUntil(7, durable);
    assertThat(ids(durable.changes)).containsExactly(1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void aRunGoesOnBehindTheLastDurableBatch() throws Exception {
    Durable durable = new Durable();
    for (int run = 0; run < 5; run++) {
      int from = run * 10;
      commit(IntStream.range(from, from + 4).toArray());
      commit(IntStream.range(from + 4, from + 10).toArray());
      runUntil(from + 10, durable);
      assertThat(ids(durable.changes)).isEqualTo(IntStream.range(0, from + 10).boxed().toList());
    }
  }

  @Test
  void thePositionNeverMovesBackAndNeverStandsInsideWhatFollows() throws Exception {
    for (int i = 0; i < 20; i++) {
      commit(i * 2, i * 2 + 1);
    }
    List<Checkpoint> checkpoints = new ArrayList<>();
    Durable durable = new Durable();
    try (Source source = open()) {
      source.claim();
      source.run(
          requirements(),
          Resume.NEW,
          batch -> {
            durable.append(source, batch);
            checkpoints.add(batch.checkpoint());
            if (!batch.openTransaction()) {
              assertThat(durable.changes.size() % 2).as("whole transactions").isZero();
            }
            if (durable.changes.size() >= 40) {
              source.stop();
            }
          });
    }
    assertThat(checkpoints).isSorted();
  }

  @Test
  void whatTheHandlerDidNotMakeDurableComesAgainAsItWas() throws Exception {
    Durable durable = new Durable();
    commit(1);
    runUntil(1, durable);
    commit(2, 3);
    JournalException failure =
        new JournalException(JournalException.Kind.UNAVAILABLE, "made to fail", null);
    List<Origin> refused = new ArrayList<>();
    try (Source source = open()) {
      source.claim();
      assertThatThrownBy(
              () ->
                  source.run(
                      requirements(),
                      durable.resume,
                      batch -> {
                        if (batch.changes().isEmpty()) {
                          durable.append(source, batch);
                          return;
                        }
                        batch.changes().forEach(change -> refused.add(change.origin()));
                        throw failure;
                      }))
          .isSameAs(failure);
    }
    runUntil(3, durable);
    assertThat(ids(durable.changes)).containsExactly(1, 2, 3);
    assertThat(durable.changes.subList(1, 3)).extracting(Change::origin).isEqualTo(refused);
  }

  @Test
  void aSourceThatWasStoppedStaysSo() throws Exception {
    commit(1);
    try (Source source = open()) {
      source.claim();
      source.stop();
      source.stop();
      source.run(
          requirements(),
          Resume.NEW,
          batch -> {
            throw new IllegalStateException("a stopped source handed over " + batch);
          });
    }
    Durable durable = new Durable();
    runUntil(1, durable);
    assertThat(ids(durable.changes)).containsExactly(1);
  }
}
