package io.rowbell.engine;

import io.rowbell.engine.config.EngineConfig;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.EventId;
import io.rowbell.spi.Decision;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.ParkedKey;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What is decided about a subscriber's dead letters: without their payloads, of any size. */
public final class Letters {
  /** How many one act is about at most. */
  static final int MOST = 10_000;

  private static final int FEW = 5;

  private final EngineConfig config;
  private final String subscriber;
  private final Subscription subscription;

  Letters(EngineConfig config, String subscriber, Subscription subscription) {
    this.config = config;
    this.subscriber = subscriber;
    this.subscription = subscription;
  }

  Proposal decide(ActRequest request) throws JournalException, InterruptedException {
    List<DeadLetter> asked = read(letter -> isAsked(request, letter));
    if (!request.ids().isEmpty()) {
      Set<String> found =
          asked.stream().map(letter -> letter.id().toString()).collect(Collectors.toSet());
      List<String> missing = request.ids().stream().filter(id -> !found.contains(id)).toList();
      if (!missing.isEmpty()) {
        return Proposal.refused(
            "%s is no dead letter of subscriber '%s', or no more"
                .formatted(String.join(", ", missing), subscriber));
      }
    }
    Set<ParkedKey> keys = new HashSet<>();
    asked.forEach(letter -> keys.add(ParkedKey.of(letter)));
    subscription.parkedKeys().stream()
        .filter(key -> request.all() || isKey(request, key))
        .forEach(keys::add);
    if (keys.isEmpty()) {
      return Proposal.refused(
          "subscriber '%s' has no %s"
              .formatted(
                  subscriber,
                  request.key() == null
                      ? "dead letters and no parked keys"
                      : "dead letters of key '" + request.key() + "'"));
    }
    return request.act() == ActRequest.Kind.RETRY
        ? retry(request, asked, keys)
        : drop(request, asked, keys);
  }

  private static boolean isKey(ActRequest request, ParkedKey key) {
    return request.key() != null && request.key().equals(key.key());
  }

  private static boolean isAsked(ActRequest request, DeadLetter letter) {
    return request.all()
        || request.ids().contains(letter.id().toString())
        || (request.key() != null && request.key().equals(letter.key()));
  }

  private List<DeadLetter> read(Predicate<DeadLetter> wanted)
      throws JournalException, InterruptedException {
    return config
        .journal()
        .listDeadLetters(
            config.context(),
            letter -> subscriber.equals(letter.subscriber()) && wanted.test(letter),
            MOST);
  }

  private Proposal retry(ActRequest request, List<DeadLetter> asked, Set<ParkedKey> keys)
      throws JournalException, InterruptedException {
    Set<ParkedKey> retried = new HashSet<>(keys);
    for (DeadLetter letter : asked) {
      if (!request.ids().contains(letter.id().toString()) || letter.key() == null) {
        continue;
      }
      ParkedKey key = ParkedKey.of(letter);
      EventId first = subscription.deadLetterIds(key, 1).stream().findFirst().orElse(letter.id());
      boolean firstIsAsked = request.ids().contains(first.toString());
      if (!firstIsAsked && !request.outOfOrder()) {
        return Proposal.refused(
            "%s is not the first dead letter of key '%s': %s comes before it, and events of one key are delivered in order. Retry the key (--key '%s'), drop what comes before, or say --out-of-order"
                .formatted(letter.id(), key.key(), first, key.key()));
      }
      if (!firstIsAsked) {
        DeadLetter.Delivery delivery = letter.delivery();
        if (delivery == null) {
          return Proposal.refused(
              letter.id() + " does not say where its event is: retry its whole key");
        }
        retried.remove(key);
        retried.add(ParkedKey.alone(delivery.partition(), delivery.offset()));
      }
    }
    return Proposal.of(
        new Decision.Retry(retried),
        "retry " + describe(retried),
        ": from the first dead letter of each, in order, with the ids they had; what comes"
            + " meanwhile waits behind them"
            + (subscription.isPaused() ? ". The subscriber is paused: when it is resumed" : ""));
  }

  private Proposal drop(ActRequest request, List<DeadLetter> asked, Set<ParkedKey> keys)
      throws JournalException, InterruptedException {
    Set<String> dropped =
        asked.stream().map(letter -> letter.id().toString()).collect(Collectors.toSet());
    boolean complete = asked.size() < MOST;
    Set<ParkedKey> released = new HashSet<>();
    if (complete) {
      released.addAll(keys);
      released.retainAll(subscription.parkedKeys());
      if (!request.all()) {
        released.retainAll(emptied(released, dropped, subscription));
      }
    }
    String after =
        !complete
            ? ". There are more: give the command again"
            : released.isEmpty() ? "" : ". %d keys are parked no more".formatted(released.size());
    long left =
        keys.stream().filter(key -> subscription.parkedKeys().contains(key)).count()
            - released.size();
    if (complete && left > 0) {
      after +=
          ". %d keys stay parked, for they have other dead letters: retry or drop those"
              .formatted(left);
    }
    return Proposal.of(
        new Decision.Drop(asked, released),
        "drop %d dead letters: %s".formatted(asked.size(), ids(asked)),
        after);
  }

  /** Those of the keys of which nothing stays: what stays of a key keeps it parked. */
  static Set<ParkedKey> emptied(Set<ParkedKey> keys, Set<String> dropped, Subscription subscription)
      throws JournalException, InterruptedException {
    Set<ParkedKey> emptied = new HashSet<>();
    for (ParkedKey key : keys) {
      // The oldest, and one more than could be dropped: none that stays is overlooked.
      List<EventId> ids = subscription.deadLetterIds(key, dropped.size() + 1);
      if (ids.stream().allMatch(id -> dropped.contains(id.toString()))) {
        emptied.add(key);
      }
    }
    return emptied;
  }

  private static String describe(Set<ParkedKey> keys) {
    String few =
        keys.stream()
            .map(key -> key.topic() + " " + Objects.requireNonNullElse(key.key(), "without key"))
            .sorted()
            .limit(FEW)
            .collect(Collectors.joining(", "));
    return keys.size() == 1
        ? "key " + few
        : keys.size() + " keys: " + few + (keys.size() > FEW ? ", …" : "");
  }

  /** The ids of a few, for messages. */
  static String ids(List<DeadLetter> letters) {
    String few =
        letters.stream()
            .limit(FEW)
            .map(letter -> letter.id().toString())
            .collect(Collectors.joining(", "));
    return letters.size() > FEW ? few + ", …" : few;
  }

  /** Why a dead letter of a rule cannot be retried, and what to do. */
  public static String whyNoRetryOf(DeadLetter letter) {
    return letter.code().equals("X402") || letter.code().equals("X412")
        ? "its event never came into the journal, so there is nothing to deliver again. Mend what"
            + " its reason says, then have the row written again; drop the dead letter when it is"
            + " dealt with"
        : "the row that it failed on is not kept, as it may hold what nobody should see. Mend the"
            + " rule and reload it, then have the row written again (UPDATE … SET column ="
            + " column); drop the dead letter when it is dealt with";
  }
}
