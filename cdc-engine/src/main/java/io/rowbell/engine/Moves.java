package io.rowbell.engine;

import io.rowbell.spi.CursorRange;
import io.rowbell.spi.Decision;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is decided about a subscriber's cursor. */
final class Moves {
  private Moves() {}

  static Proposal pause(Subscription subscription) {
    return subscription.isPaused()
        ? Proposal.already("it is paused already")
        : Proposal.of(
            new Decision.Pause(),
            "pause",
            ". Nothing is delivered until it is resumed, also after a restart; what it has not"
                + " passed is kept");
  }

  static Proposal resume(Subscription subscription) throws JournalException, InterruptedException {
    if (!subscription.isPaused()) {
      return Proposal.already("it is not paused");
    }
    Map<String, CursorRange> ranges = subscription.ranges();
    long gone = ranges.values().stream().mapToLong(CursorRange::gone).sum();
    boolean known = ranges.values().stream().allMatch(CursorRange::isKnown);
    if (gone > 0 || !known) {
      return Proposal.refused(
          "%s: it stands at %s. First say where it goes on: 'subscribers skip' with --to earliest goes to the oldest that are kept"
              .formatted(
                  known
                      ? "up to %d events that it has not passed were deleted (retention)"
                          .formatted(gone)
                      : "the cluster has forgotten where it stood",
                  places(ranges)));
    }
    return Proposal.of(new Decision.Resume(), "resume", "");
  }

  /** Moves the cursor back or on, within what is kept. */
  static Proposal move(ActRequest request, Subscription subscription)
      throws JournalException, InterruptedException {
    boolean back = request.act() == ActRequest.Kind.REWIND;
    if (back && !subscription.parkedKeys().isEmpty()) {
      return Proposal.refused(
          "%d keys are parked, and what comes again of them would wait behind their dead letters, out of order: retry or drop those first (rowbell dead-letters list)"
              .formatted(subscription.parkedKeys().size()));
    }
    Map<String, CursorRange> ranges = subscription.ranges();
    String to = Objects.requireNonNullElse(request.to(), "");
    Map<String, Long> target = new HashMap<>();
    for (Map.Entry<String, Long> place : find(to, back, ranges, subscription).entrySet()) {
      CursorRange range = ranges.get(place.getKey());
      if (range != null
          && (back ? place.getValue() < range.next() : place.getValue() > range.next())) {
        target.put(place.getKey(), place.getValue());
      }
    }
    if (target.isEmpty()) {
      return Proposal.refused(
          "'%s' does not lie %s: it stands at %s"
              .formatted(
                  to,
                  back
                      ? "before the cursor (to go on, use skip)"
                      : "after the cursor (to go back, use rewind)",
                  places(ranges)));
    }
    long events =
        target.entrySet().stream()
            .mapToLong(place -> Math.abs(place.getValue() - at(ranges, place.getKey())))
            .sum();
    String places =
        new TreeMap<>(target)
            .entrySet().stream()
                .map(
                    place ->
                        "%s from %s to %d"
                            .formatted(
                                place.getKey(), next(ranges.get(place.getKey())), place.getValue()))
                .collect(Collectors.joining(", "));
    return Proposal.of(
        new Decision.Move(target),
        "%s to %s (%s)".formatted(request.act().word(), to, places),
        back
            ? ". Up to %d events come again, with the same ids".formatted(events)
            : ". Up to %d events are never delivered to it".formatted(events));
  }

  private static long at(Map<String, CursorRange> ranges, String partition) {
    CursorRange range = ranges.get(partition);
    if (range == null) {
      return 0;
    }
    return range.isKnown() ? range.next() : range.oldest();
  }

  private static String next(@Nullable CursorRange range) {
    return range == null || !range.isKnown() ? "an unknown place" : Long.toString(range.next());
  }

  private static String places(Map<String, CursorRange> ranges) {
    return new TreeMap<>(ranges)
        .entrySet().stream()
            .map(
                range ->
                    "%s:%s (kept: %d to %d)"
                        .formatted(
                            range.getKey(),
                            next(range.getValue()),
                            range.getValue().oldest(),
                            range.getValue().end() - 1))
            .collect(Collectors.joining(", "));
  }

  private static Map<String, Long> find(
      String to, boolean back, Map<String, CursorRange> ranges, Subscription subscription)
      throws JournalException, InterruptedException {
    Map<String, Long> found = new HashMap<>();
    if (to.equals("earliest")) {
      ranges.forEach((partition, range) -> found.put(partition, range.oldest()));
    } else if (to.equals("latest") && !back) {
      ranges.forEach((partition, range) -> found.put(partition, range.end()));
    } else if (to.matches("\\+[0-9]{1,18}") && !back) {
      String partition = onlyOne(to, ranges);
      found.put(partition, at(ranges, partition) + Long.parseLong(to.substring(1)));
    } else if (to.matches("(.+:)?[0-9]{1,18}") && time(to).isEmpty()) {
      int colon = to.lastIndexOf(':');
      String partition = colon < 0 ? onlyOne(to, ranges) : to.substring(0, colon);
      found.put(partition, Long.parseLong(to.substring(colon + 1)));
    } else {
      Optional<Map<String, Long>> since =
          subscription.offsetsAt(time(to).orElseThrow(() -> noPlace(to, back)));
      if (since.isEmpty()) {
        throw new IllegalArgumentException(
            "events of that time may have been deleted (retention): what is kept begins at %s. 'earliest' goes there"
                .formatted(oldest(ranges)));
      }
      found.putAll(since.get());
    }
    found.forEach((partition, offset) -> requireKept(partition, offset, ranges));
    return found;
  }

  private static void requireKept(String partition, long offset, Map<String, CursorRange> ranges) {
    CursorRange range = ranges.get(partition);
    if (range == null) {
      throw new IllegalArgumentException(
          "there is no partition '%s'; it stands at %s".formatted(partition, places(ranges)));
    }
    if (offset < range.oldest()) {
      throw new IllegalArgumentException(
          "%s:%d was deleted (retention): what is kept begins at %d"
              .formatted(partition, offset, range.oldest()));
    }
    if (offset > range.end()) {
      throw new IllegalArgumentException(
          "%s:%d is not written yet: the newest event is %d"
              .formatted(partition, offset, range.end() - 1));
    }
  }

  private static String oldest(Map<String, CursorRange> ranges) {
    return new TreeMap<>(ranges)
        .entrySet().stream()
            .map(range -> range.getKey() + ":" + range.getValue().oldest())
            .collect(Collectors.joining(", "));
  }

  private static String onlyOne(String to, Map<String, CursorRange> ranges) {
    if (ranges.size() != 1) {
      throw new IllegalArgumentException(
          "'%s' does not say in which partition: write PARTITION:OFFSET. It stands at %s"
              .formatted(to, places(ranges)));
    }
    return ranges.keySet().iterator().next();
  }

  /** A zone's minutes look like an offset behind a partition's name. */
  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static IllegalArgumentException noPlace(String text, boolean back) {
    return new IllegalArgumentException(
        "'%s' is no place: write %s, a time with its zone such as 2026-11-21T18:00:00Z, or an offset"
            .formatted(text, back ? "earliest" : "earliest, latest, +N for N events on"));
  }
}
