package io.rowbell.engine;

import io.rowbell.language.Notice;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells in the log of messages to Rowbell that cannot be used: a few at once, then one a minute and
 * how many there were. For one thread.
 */
final class Notices {
  private static final Logger LOG = LoggerFactory.getLogger(Notices.class);
  private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();
  private static final int AT_ONCE = 5;

  private long told;
  private long at;
  private long since;

  void tell(Notice notice) {
    long now = System.nanoTime();
    if (told >= AT_ONCE && now - at < PAUSE_NANOS) {
      since++;
      return;
    }
    LOG.warn(
        "transaction {}: {} {}{}",
        notice.xid(),
        notice.code(),
        notice.text(),
        since == 0 ? "" : "; " + since + " more since the last time");
    told++;
    at = now;
    since = 0;
  }
}
