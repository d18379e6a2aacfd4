package io.rowbell.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Says why something waits, once, if it has lasted; and once that it goes on, if the waiting was
 * said. Used by one thread.
 */
final class WaitNotice {
  private final String what;
  private final Duration worthSaying;
  private final Consumer<String> warning;
  private final Consumer<String> information;
  private boolean waits;
  private boolean said;
  private long since;

  /** Asked only if it is said. */
  @FunctionalInterface
  interface Reason {
    String text() throws SQLException;
  }

  /**
   * @param what who waits, for example {@code the backfill of public.orders}
   * @param worthSaying how long it may wait without a word
   */
  WaitNotice(
      String what, Duration worthSaying, Consumer<String> warning, Consumer<String> information) {
    this.what = what;
    this.worthSaying = worthSaying;
    this.warning = warning;
    this.information = information;
  }

  /** It waits, or still does. */
  void waits(long now, Reason reason) throws SQLException {
    if (!waits) {
      waits = true;
      since = now;
    }
    if (!said && now - since >= worthSaying.toNanos()) {
      warning.accept(what + " waits: " + reason.text());
      said = true;
    }
  }

  /** It does not wait, or no longer. */
  void goesOn(long now) {
    if (said) {
      information.accept(
          what + " goes on after " + Duration.ofNanos(now - since).toSeconds() + " s");
    }
    waits = false;
    said = false;
  }
}
