package io.rowbell.examples.demo;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import picocli.CommandLine.Help.Ansi;

/** Prints alerts as they come, each with its time since the commit, and counts them. */
final class AlertPrinter implements Consumer<Alert> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

  private final PrintWriter out;
  private final Ansi ansi;
  private final InstantSource clock;
  private final Latencies latencies = new Latencies();

  AlertPrinter(PrintWriter out, Ansi ansi, InstantSource clock) {
    this.out = out;
    this.ansi = ansi;
    this.clock = clock;
  }

  @Override
  public void accept(Alert alert) {
    Duration latency = Duration.between(alert.committed(), clock.instant());
    latencies.add(latency);
    String line =
        ansi.string(
            "@|faint %s|@  @|bold,yellow %-15s|@  %s  @|faint %s after the commit|@"
                .formatted(
                    TIME.format(alert.committed()),
                    alert.type(),
                    alert.data(),
                    Latencies.text(latency)));
    synchronized (this) {
      out.println(line);
      out.flush();
      notifyAll();
    }
  }

  Latencies latencies() {
    return latencies;
  }

  /** Waits until that many alerts were printed, or the time is over. */
  synchronized void await(long count, Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (latencies.count() < count && end - System.nanoTime() > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, end - System.nanoTime()));
    }
  }
}
