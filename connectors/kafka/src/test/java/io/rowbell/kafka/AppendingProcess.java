package io.rowbell.kafka;

import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.event;

import io.rowbell.model.Checkpoint;
import io.rowbell.spi.Journal;

/** A writer in a JVM of its own, to be killed. */
final class AppendingProcess {
  private AppendingProcess() {}

  /**
   * @param args the brokers, the pipeline, and {@code send} to leave the next append sent and not
   *     committed, or {@code append} to append without end, one event for each position
   */
  public static void main(String[] args) throws Exception {
    try (KafkaJournal journal =
        KafkaJournal.open(Settings.journal(args[0]), Settings.pipeline(args[1]))) {
      int next = next(journal);
      if (args[2].equals("send")) {
        journal.send(batch(next, event("A", "k", next))).flush();
        System.out.println("sent");
        System.in.read();
      }
      System.out.println("appending");
      for (; ; next++) {
        journal.append(batch(next, event("A", "k" + next % 5, next)));
      }
    }
  }

  /** The position after the journal's, which is the number of its next event. */
  static int next(Journal journal) {
    Checkpoint reached = journal.resume().checkpoint();
    return reached == null ? 1 : (int) reached.position().lsn() + 1;
  }
}
