package io.rowbell.engine;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.Act;
import io.rowbell.spi.Batch;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalStatus;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Subscription;
import java.util.List;
import java.util.Set;

/** Does what another journal does; what is to be different is overridden. */
class ForwardingJournal implements Journal {
  private final Journal journal;

  ForwardingJournal(Journal journal) {
    this.journal = journal;
  }

  @Override
  public Resume resume() {
    return journal.resume();
  }

  @Override
  public int largestState() {
    return journal.largestState();
  }

  @Override
  public void append(Batch batch) throws JournalException, InterruptedException {
    journal.append(batch);
  }

  @Override
  public Subscription subscribe(String subscriber, Set<String> types, Start start)
      throws JournalException {
    return journal.subscribe(subscriber, types, start);
  }

  @Override
  public void drop(List<DeadLetter> letters, Act act)
      throws JournalException, InterruptedException {
    journal.drop(letters, act);
  }

  @Override
  public void forget(String subscriber, Act act) throws JournalException, InterruptedException {
    journal.forget(subscriber, act);
  }

  @Override
  public JournalStatus status() {
    return journal.status();
  }

  @Override
  public void close() {
    journal.close();
  }
}
