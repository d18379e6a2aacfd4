package io.rowbell.postgres;

import io.rowbell.spi.Source;
import io.rowbell.testkit.JavaProcess;
import java.nio.file.Path;

/** A JVM of its own that follows a slot into a {@link FileJournal} until it is killed. */
final class FollowingProcess {
  private FollowingProcess() {}

  /** Starts one. */
  static JavaProcess start(Followed db, Path journal) {
    return JavaProcess.of(FollowingProcess.class)
        .jvm("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        .args(Integer.toString(db.server.port()), db.name, db.slot(), journal.toString())
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
    try (Source source =
            RunningSource.source(RunningSource.withBatch(settings, "32KiB", 300), arguments[2]);
        FileJournal journal = new FileJournal(Path.of(arguments[3]))) {
      source.run(
          RunningSource.tables("public.t"), journal.resume(source.database()), journal::append);
    }
  }
}
