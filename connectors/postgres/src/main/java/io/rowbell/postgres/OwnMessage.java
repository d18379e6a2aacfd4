package io.rowbell.postgres;

import java.util.Locale;
import java.util.Optional;

/**
 * The content of a logical message that Rowbell writes for itself. Every pipeline of the database
 * sees every other's, so each names its slot.
 *
 * @param slot whose it is
 * @param kind what it marks
 * @param process a random name of the process that wrote it
 * @param number counted up by that process
 */
record OwnMessage(String slot, Kind kind, String process, long number) {
  /** The prefix of all of them. Rules cannot listen to it. */
  static final String PREFIX = "rowbell.marker";

  /** What a message marks. */
  enum Kind {
    /** That the stream moves. */
    ALIVE,
    /** That all has been seen which a backfill's chunk may hold. */
    CHUNK
  }

  static boolean isOwn(String prefix) {
    return prefix.equals(PREFIX);
  }

  /** Reads a content; empty if it is none of ours, which anybody may write. */
  static Optional<OwnMessage> parse(String content) {
    String[] words = content.split(" ", -1);
    try {
      return words.length == 4
          ? Optional.of(
              new OwnMessage(
                  words[0],
                  Kind.valueOf(words[1].toUpperCase(Locale.ROOT)),
                  words[2],
                  Long.parseLong(words[3])))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  String content() {
    return slot + " " + kind.name().toLowerCase(Locale.ROOT) + " " + process + " " + number;
  }
}
