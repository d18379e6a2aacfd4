package io.rowbell.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.engine.config.EngineConfig;
import io.rowbell.model.DeadLetter;
import io.rowbell.spi.Act;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SubscriberRecord;
import io.rowbell.spi.Subscription;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what people want done about subscribers and dead letters: each act is one durable
 * step of the journal, with the note of who did it.
 *
 * <p>While an engine runs it is the journal's one writer, so it does it itself, between two steps
 * of the subscriber. While none runs, {@link #withoutEngine} does, as the writer for a moment.
 */
public final class Acts {
  private static final Logger LOG = LoggerFactory.getLogger(Acts.class);
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

  /** In bytes: a reason is read by people, and is kept with the act and in the log. */
  private static final int LONGEST_REASON = 4 << 10;

  private final EngineConfig config;
  private final Desk desk;
  private final InstantSource clock;

  /** Where a journal is written to. */
  interface Desk {
    /**
     * Has the one who reads with a subscriber's cursor decide something about it.
     *
     * @param subscriber has a cursor
     */
    ActAnswer about(String subscriber, Decider decider)
        throws JournalException, InterruptedException;

    /** Gives dead letters of rules up for good. */
    void drop(List<DeadLetter> letters, Act act) throws JournalException, InterruptedException;

    /** Whether somebody reads with a subscriber's cursor, or would if an engine ran. */
    boolean serves(String subscriber);

    /** Forgets a subscriber that nobody serves. */
    void forget(String subscriber, Act act) throws JournalException, InterruptedException;
  }

  /** Decides something about a subscription. */
  @FunctionalInterface
  interface Decider {
    Decided decide(Subscription subscription) throws JournalException, InterruptedException;
  }

  /**
   * What was decided.
   *
   * @param moved whether the cursor is elsewhere now: what was read before is not valid any more
   */
  record Decided(ActAnswer answer, boolean moved) {
    static Decided refused(String text) {
      return new Decided(ActAnswer.refused(text), false);
    }
  }

  Acts(EngineConfig config, Desk desk, InstantSource clock) {
    this.config = config;
    this.desk = desk;
    this.clock = clock;
  }

  /**
   * Carries a request out while no engine runs. Takes the engine's place for a moment: the claim on
   * the database first, so that a running engine is never fenced.
   *
   * @throws EngineException if an engine runs, or the database or the journal cannot be opened
   */
  public static ActAnswer withoutEngine(EngineConfig config, ActRequest request)
      throws InterruptedException {
    try (Source source = config.source().open(config.context())) {
      source.claim();
      try (Journal journal = config.journal().open(config.context())) {
        Desk desk =
            new Desk() {
              @Override
              public ActAnswer about(String subscriber, Decider decider)
                  throws JournalException, InterruptedException {
                return aboutUnserved(journal, subscriber, decider);
              }

              @Override
              public void drop(List<DeadLetter> letters, Act act)
                  throws JournalException, InterruptedException {
                journal.drop(letters, act);
              }

              @Override
              public boolean serves(String subscriber) {
                return config.subscribers().stream().anyMatch(s -> s.name().equals(subscriber));
              }

              @Override
              public void forget(String subscriber, Act act)
                  throws JournalException, InterruptedException {
                journal.forget(subscriber, act);
              }
            };
        return new Acts(config, desk, InstantSource.system()).carryOut(request);
      }
    } catch (SourceException e) {
      throw Failures.of(e);
    } catch (JournalException e) {
      throw Failures.of(e);
    }
  }

  /** Decides about a subscriber that nobody reads for. */
  static ActAnswer aboutUnserved(Journal journal, String subscriber, Decider decider)
      throws JournalException, InterruptedException {
    try (Subscription subscription = journal.openToDecide(subscriber)) {
      return decider.decide(subscription).answer();
    }
  }

  /**
   * Carries a request out, or says why not.
   *
   * @throws JournalException if it is not known to be durable
   */
  ActAnswer carryOut(ActRequest request) throws JournalException, InterruptedException {
    if (request.act() == ActRequest.Kind.DROP && request.reason().isBlank() && !request.preview()) {
      return ActAnswer.refused("what is dropped is never delivered: say why with --reason");
    }
    if (request.reason().getBytes(UTF_8).length > LONGEST_REASON
        || request.who().getBytes(UTF_8).length > LONGEST_REASON) {
      return ActAnswer.refused(
          "the reason, and the name of who gives it, may have " + LONGEST_REASON + " bytes each");
    }
    String subscriber = request.subscriber();
    if (subscriber == null && request.ids().isEmpty()) {
      return ActAnswer.refused("say which subscriber's with --subscriber");
    }
    if (subscriber == null) {
      List<DeadLetter> letters;
      try {
        letters =
            config
                .journal()
                .listDeadLetters(
                    config.context(),
                    letter -> request.ids().contains(letter.id().toString()),
                    Letters.MOST);
      } catch (JournalException e) {
        return ActAnswer.refused(tryAgain(e));
      }
      Set<String> owners =
          letters.stream()
              .map(letter -> owner(letter.subscriber()))
              .collect(Collectors.toCollection(TreeSet::new));
      if (owners.size() != 1) {
        return ActAnswer.refused(
            owners.isEmpty()
                ? "there is no such dead letter; rowbell dead-letters list shows those there are"
                : "these are dead letters of several: "
                    + String.join(", ", owners)
                    + "; give one command for each, with --subscriber if an event is a dead letter"
                    + " of more than one");
      }
      subscriber = letters.get(0).subscriber();
      if (subscriber == null) {
        return ofRules(request, letters);
      }
    }
    String name = subscriber;
    List<String> known =
        config.journal().readSubscribers(config.context()).stream()
            .map(SubscriberRecord::name)
            .toList();
    if (!known.contains(name)) {
      return ActAnswer.refused(
          "the journal knows no subscriber '" + name + "'; it knows: " + String.join(", ", known));
    }
    if (request.act() == ActRequest.Kind.FORGET) {
      return forget(request, name);
    }
    return desk.about(
        name,
        subscription -> {
          try {
            return decide(request, name, subscription);
          } catch (IllegalArgumentException e) {
            return Decided.refused(String.valueOf(e.getMessage()));
          }
        });
  }

  private ActAnswer forget(ActRequest request, String subscriber)
      throws JournalException, InterruptedException {
    if (desk.serves(subscriber)) {
      return ActAnswer.refused(
          "subscriber '%s' is served: take it out of the configuration first, and restart the engine if one runs. To have it pass what it has before it, use skip"
              .formatted(subscriber));
    }
    try {
      if (!config
          .journal()
          .listDeadLetters(config.context(), letter -> subscriber.equals(letter.subscriber()), 1)
          .isEmpty()) {
        return ActAnswer.refused(
            "subscriber '%s' has dead letters: drop those first (rowbell dead-letters drop --all --subscriber '%s')"
                .formatted(subscriber, subscriber));
      }
    } catch (JournalException e) {
      return ActAnswer.refused(tryAgain(e));
    }
    String what = "forget it";
    if (!request.preview()) {
      desk.forget(subscriber, note(request, subscriber, what));
    }
    return ActAnswer.done(
        Proposal.say(
            request,
            what
                + ". What it has not passed is kept for it no longer; a subscriber '%s' begins anew"
                    .formatted(subscriber)));
  }

  private static String owner(@Nullable String subscriber) {
    return subscriber == null ? "rules" : "subscriber '" + subscriber + "'";
  }

  private ActAnswer ofRules(ActRequest request, List<DeadLetter> letters)
      throws JournalException, InterruptedException {
    if (letters.size() < Set.copyOf(request.ids()).size()) {
      return ActAnswer.refused(
          "some of these are no dead letters any more; rowbell dead-letters list shows those there"
              + " are");
    }
    if (request.act() != ActRequest.Kind.DROP) {
      return ActAnswer.refused(
          letters.get(0).id() + " is of a rule, and " + Letters.whyNoRetryOf(letters.get(0)));
    }
    String what = "drop " + letters.size() + " dead letters of rules: " + Letters.ids(letters);
    if (!request.preview()) {
      desk.drop(letters, note(request, null, what));
    }
    return ActAnswer.done(Proposal.say(request, what));
  }

  /** What is to be done; changes nothing. */
  private Proposal propose(ActRequest request, String subscriber, Subscription subscription)
      throws JournalException, InterruptedException {
    try {
      return switch (request.act()) {
        case PAUSE -> Moves.pause(subscription);
        case RESUME -> Moves.resume(subscription);
        case REWIND, SKIP -> Moves.move(request, subscription);
        case RETRY, DROP -> new Letters(config, subscriber, subscription).decide(request);
        case FORGET -> throw new IllegalStateException("it is no decision about a cursor");
      };
    } catch (JournalException e) {
      return Proposal.refused(tryAgain(e));
    }
  }

  /** Nothing is decided on what can be seen in part only. */
  private static String tryAgain(JournalException failure) throws JournalException {
    if (failure.kind() != JournalException.Kind.UNAVAILABLE) {
      throw failure;
    }
    return "nothing was done, try again: " + failure.getMessage();
  }

  private Decided decide(ActRequest request, String subscriber, Subscription subscription)
      throws JournalException, InterruptedException {
    Proposal proposal = propose(request, subscriber, subscription);
    if (proposal.decision() == null) {
      return new Decided(new ActAnswer(proposal.fine(), proposal.text()), false);
    }
    if (!request.preview()) {
      subscription.decide(proposal.decision(), note(request, subscriber, proposal.text()));
    }
    return new Decided(
        ActAnswer.done(Proposal.say(request, proposal.text() + proposal.after())),
        !request.preview() && proposal.moves());
  }

  private Act note(ActRequest request, @Nullable String subscriber, String what) {
    Act act =
        new Act(
            clock.instant(),
            oneLine(request.who()),
            subscriber,
            oneLine(what),
            oneLine(request.reason()));
    LOG.info(
        "{}: {} (by {}{})",
        subscriber == null ? "dead letters" : "subscriber " + subscriber,
        act.what(),
        act.who(),
        act.reason().isBlank() ? "" : ": " + act.reason());
    return act;
  }

  /** Without what would end a line of the log or of a terminal, or change how it looks. */
  static String oneLine(String text) {
    return CONTROL.matcher(text).replaceAll("\uFFFD");
  }
}
