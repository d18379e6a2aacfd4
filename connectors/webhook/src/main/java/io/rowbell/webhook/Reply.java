package io.rowbell.webhook;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * What the destination answered. Its body is not read: it may repeat the event.
 *
 * @param status the status code
 * @param retryAfter the header {@code Retry-After}, if there is one
 */
record Reply(int status, @Nullable String retryAfter) {
  /** A destination cannot hold its events up for longer by asking for it. */
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  /** What a reply means for the event. */
  enum Meaning {
    TAKEN,
    /** The same event may be taken later: something about the destination, or on the way to it. */
    LATER,
    /** It will never be taken: something about the event. */
    NEVER
  }

  /**
   * Redirects are not followed, so they are failures; and whatever a person can mend at the
   * destination, as a wrong URL or token, may heal.
   */
  Meaning meaning() {
    if (status >= 200 && status < 300) {
      return Meaning.TAKEN;
    }
    return switch (status) {
      case 400, 406, 413, 415, 422, 431 -> Meaning.NEVER;
      default -> Meaning.LATER;
    };
  }

  /** How long the destination asks to wait, an hour at most; null if it does not. */
  @Nullable Duration waitFor(Instant now) {
    if (retryAfter == null) {
      return null;
    }
    Duration asked;
    try {
      asked =
          retryAfter.matches("[0-9]{1,9}")
              ? Duration.ofSeconds(Long.parseLong(retryAfter))
              : Duration.between(
                  now,
                  ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME)
                      .toInstant());
    } catch (DateTimeException e) {
      // What cannot be read asks for nothing: the retry policy decides.
      return null;
    }
    if (asked.isNegative()) {
      return null;
    }
    return asked.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : asked;
  }

  /** For messages. */
  String describe() {
    return status >= 300 && status < 400
        ? status + ", a redirect, which is not followed: write the address it leads to into 'url'"
        : Integer.toString(status);
  }
}
