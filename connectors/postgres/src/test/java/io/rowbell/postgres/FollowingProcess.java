package io.rowbell.postgres;

import io.rowbell.spi.Source;
import io.rowbell.testkit.JavaProcess;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A JVM of its own that follows a slot into a {@link FileJournal} until it is killed. */
final class FollowingProcess {
  private FollowingProcess() {}

  /** Follows {@code public.t} as fast as it can. */
  static JavaProcess start(Followed db, Path journal) {
    return start(db, journal, "stream");
  }

  /** Reads all of {@code public.t} too, at a pace that lets a kill fall into the middle of it. */
  static JavaProcess startBackfilling(Followed db, Path journal) {
    return start(db, journal, "backfill");
  }

  private static JavaProcess start(Followed db, Path journal, String what) {
    return JavaProcess.of(FollowingProcess.class)
        .testLog()
        .jvm("-Xmx128m")
        .args(Integer.toString(db.server.port()), db.name, db.slot(), journal.toString(), what)
        .environment("PASSWORD", db.server.password())
        .start();
  }

  public static void main(String[] arguments) throws Exception {
    PostgresSettings settings =
        RunningSource.settings(
            "127.0.0.1",
            Integer.parseInt(arguments[0]),
            arguments[1],
            "postgres",
            System.getenv("PASSWORD"));
    boolean backfill = arguments[4].equals("backfill");
    try (Source source =
            RunningSource.source(RunningSource.withBatch(settings, "32KiB", 300), arguments[2]);
        FileJournal journal = new FileJournal(Path.of(arguments[3]))) {
      source.run(
          backfill ? RunningSource.backfilled("public.t") : RunningSource.tables("public.t"),
          journal.resume(source.database()),
          batch -> {
            if (backfill && batch.changes().stream().anyMatch(c -> c.origin().snapshot())) {
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
            journal.append(batch);
          });
    }
  }
}
