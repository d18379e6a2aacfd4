package io.rowbell.engine.cli;

import io.rowbell.engine.Verifier.Progress;
import io.rowbell.engine.cli.Terminal.Colour;
import io.rowbell.engine.verify.Discrepancy;
import io.rowbell.engine.verify.Discrepancy.Kind;
import io.rowbell.engine.verify.Tally;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** For people: a line now and then. */
final class VerifyText implements VerifyReport {
  private final PrintWriter out;
  private final Terminal terminal;
  private final InstantSource clock;

  VerifyText(PrintWriter out, Terminal terminal, InstantSource clock) {
    this.out = out;
    this.terminal = terminal;
    this.clock = clock;
  }

  @Override
  public void note(String text) {
    line("note: " + text);
  }

  @Override
  public void discrepancy(Discrepancy discrepancy) {
    boolean late = discrepancy.kind() == Kind.LATE;
    line(terminal.paint(late ? Colour.WARNING : Colour.ERROR, discrepancy.text()));
  }

  @Override
  public void progress(Progress progress) {
    line(
        "%d transactions, %d events expected, %d found; %s; %s"
            .formatted(
                progress.transactions(),
                progress.events().expected(),
                progress.events().found(),
                inFlight(progress.events()),
                verdict(progress.events())));
  }

  @Override
  public void summary(Progress progress) {
    Tally events = progress.events();
    if (progress.begun() == 0) {
      line("nothing was looked at");
      return;
    }
    line(
        "looked at %d transactions with %d changes, begun %d times"
            .formatted(progress.transactions(), progress.changes(), progress.begun()));
    line(
        "events expected %d, found %d; ".formatted(events.expected(), events.found())
            + inFlight(events));
    line(
        "not looked at: %d events of a backfill, %d others; %d dead letters"
            .formatted(events.backfilled(), events.leftOut(), progress.deadLetters()));
    line(terminal.paint(events.isKept() ? Colour.STRONG : Colour.ERROR, verdict(events)));
  }

  private static String inFlight(Tally events) {
    return events.inFlight() == 0
        ? "none in flight"
        : String.format(
            Locale.ROOT,
            "%d in flight, the oldest for %.1f s",
            events.inFlight(),
            events.oldest().toMillis() / 1e3);
  }

  private static String verdict(Tally events) {
    List<String> wrong = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      if (events.count(kind) > 0) {
        wrong.add(events.count(kind) + " " + kind.words());
      }
    }
    return wrong.isEmpty() ? "nothing wrong" : String.join(", ", wrong);
  }

  private void line(String text) {
    out.println(clock.instant().truncatedTo(ChronoUnit.SECONDS) + "  " + text);
    out.flush();
  }
}
