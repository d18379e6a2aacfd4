package io.rowbell.engine;

import io.rowbell.engine.config.ConfigException;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.engine.verify.Discrepancy;
import io.rowbell.engine.verify.EventAudit;
import io.rowbell.engine.verify.Sample;
import io.rowbell.engine.verify.Tally;
import io.rowbell.language.Notice;
import io.rowbell.language.Outcome;
import io.rowbell.language.ShadowRule;
import io.rowbell.language.Transactions;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.EventId;
import io.rowbell.model.Position;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.spi.ChangeReader;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Audits a pipeline beside it: reads the database's changes by a way of its own, evaluates the
 * rules, and compares what they make with what is in the journal. Writes nothing, claims nothing.
 *
 * <p>It begins where the journal ends, with what the rules remember there, as an engine would that
 * is started; and begins again, elsewhere, when it cannot go on from where it is: other rules have
 * taken over, the database was lost, events went by retention before they were read.
 *
 * <p>For one thread; only {@link #stop} may be called from any.
 */
public final class Verifier implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Duration LOOK_AT_JOURNAL = Duration.ofMillis(20);
  private static final Duration MOST_AT_JOURNAL = Duration.ofMillis(200);
  private static final Duration BEFORE_ANOTHER_START = Duration.ofSeconds(1);
  private static final Duration AFTER_BACKFILL = Duration.ofSeconds(10);
  private static final int EVENTS = 1_000;
  private static final int MOST_DEAD_LETTERS = 100_000;

  private final EngineConfig config;
  private final Source source;
  private final Sample sample;
  private final EventAudit audit;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final List<String> notes = new ArrayList<>();
  private @Nullable Run run;
  private @Nullable String lastRefusal;
  private boolean resting;
  private long changes;
  private long transactions;
  private long deadLetters;
  private long begun;

  /** One stretch of auditing, from a beginning to what ends it. */
  private static final class Run {
    final ChangeReader reader;
    final EventReader events;
    final BesideRules rules;

    /** What the journal says of its rules, for as long as they are these. */
    final RulesInForce.Told inForce;

    final Memory memory;
    final Transactions transactions;
    Position read;
    long lastXid;
    long backfilledAt;
    boolean backfilled;

    Run(
        ChangeReader reader,
        EventReader events,
        BesideRules rules,
        RulesInForce.Told inForce,
        Memory memory,
        Position read) {
      this.reader = reader;
      this.events = events;
      this.rules = rules;
      this.inForce = inForce;
      this.memory = memory;
      this.transactions = new Transactions(rules, memory);
      this.read = read;
    }

    void close() {
      reader.close();
      events.close();
    }
  }

  /**
   * What one look has brought.
   *
   * @param notes what a reader of the outcome must know, in order
   */
  public record Look(List<String> notes, List<Discrepancy> discrepancies) {
    public Look {
      notes = List.copyOf(notes);
      discrepancies = List.copyOf(discrepancies);
    }
  }

  /**
   * How far the audit is.
   *
   * @param begun how often it began
   * @param transactions how many of those that changed what rules read were looked at
   * @param deadLetters how often a rule could not be evaluated, or the journal could not take an
   *     event: there is a dead letter in its place
   */
  public record Progress(
      long begun, long transactions, long changes, long deadLetters, Tally events) {}

  private Verifier(EngineConfig config, Source source, Duration grace, Sample sample) {
    this.config = config;
    this.source = source;
    this.sample = sample;
    this.audit = new EventAudit(grace, sample);
  }

  /**
   * @param grace how long an event may be on its way from the log to the journal
   * @throws EngineException if the configuration cannot be used
   */
  public static Verifier open(EngineConfig config, Duration grace, Sample sample) {
    try {
      return new Verifier(config, config.source().open(config.context()), grace, sample);
    } catch (ConfigException e) {
      throw Failures.of(e);
    }
  }

  /** Ends what it waits for. */
  public void stop() {
    stopped.countDown();
  }

  public boolean isStopped() {
    return stopped.getCount() == 0;
  }

  /**
   * Looks at what has come; waits a little if nothing has.
   *
   * @throws EngineException if it cannot go on, however often it began again
   */
  public Look look() throws InterruptedException {
    List<Discrepancy> discrepancies = new ArrayList<>();
    try {
      Run now = run;
      if (now == null) {
        now = begin();
      }
      if (now != null) {
        look(now, discrepancies);
      }
    } catch (SourceException e) {
      again(Failures.of(e), mayHeal(e));
    } catch (JournalException e) {
      again(Failures.of(e), e.kind() == JournalException.Kind.UNAVAILABLE);
    } catch (ConfigException e) {
      throw Failures.of(e);
    }
    Look look = new Look(notes, discrepancies);
    notes.clear();
    return look;
  }

  private static boolean mayHeal(SourceException e) {
    return e.kind() == SourceException.Kind.UNREACHABLE || e.kind() == SourceException.Kind.FAILED;
  }

  /** Looks on at the journal alone: what was not read of the log yet is not looked at. */
  public void rest() {
    resting = true;
    if (run != null) {
      run.reader.close();
    }
  }

  /** Whether all that was expected has been found, or told. */
  public boolean isSettled() {
    return run == null || audit.isSettled();
  }

  /** How far it is. */
  public Progress progress() {
    return new Progress(begun, transactions, changes, deadLetters, audit.tally(System.nanoTime()));
  }

  /**
   * The slot first, then the journal's events, then its position: so nothing after that position
   * can be missed on either side.
   *
   * @return null if it cannot begin yet
   */
  private @Nullable Run begin() throws SourceException, JournalException, InterruptedException {
    if (begun > 0 || lastRefusal != null) {
      if (stopped.await(BEFORE_ANOTHER_START.toNanos(), TimeUnit.NANOSECONDS)) {
        return null;
      }
    }
    BesideRules rules = new BesideRules(config, source);
    ChangeReader reader = source.openReader(rules.current().requirements());
    EventReader events = null;
    try {
      events = config.journal().openReader(config.context(), Journal.Start.LATEST);
      Resume resume = config.journal().peek(config.context()).orElse(Resume.NEW);
      Run begins = refused(resume, rules) ? null : run(reader, events, rules, resume);
      run = begins;
      return begins;
    } finally {
      if (run == null) {
        reader.close();
        if (events != null) {
          events.close();
        }
      }
    }
  }

  /** Whether the journal's last entries were made by other rules, or in another database. */
  private boolean refused(Resume resume, BesideRules rules) throws SourceException {
    DatabaseId other = resume.database();
    if (other != null && !other.equals(source.database())) {
      throw new EngineException(
          ExitCode.POSITION_MISMATCH,
          "the journal belongs to database '"
              + other.database()
              + "' of system "
              + other.systemIdentifier()
              + ", which source.postgres does not name",
          null);
    }
    String made = RulesInForce.of(resume).map(RulesInForce.Told::fingerprint).orElse(null);
    if (made == null || made.equals(rules.current().fingerprint())) {
      lastRefusal = null;
      return false;
    }
    String refusal =
        "the journal's last entries were made by other rules than those in the files: reload the"
            + " engine, or give the audit the files that it runs. Nothing is looked at meanwhile";
    if (!refusal.equals(lastRefusal)) {
      notes.add(refusal);
    }
    lastRefusal = refusal;
    return true;
  }

  private Run run(ChangeReader reader, EventReader events, BesideRules rules, Resume resume)
      throws SourceException, JournalException, InterruptedException {
    Checkpoint end = resume.checkpoint();
    if (end != null) {
      reader.after(end);
    }
    Checkpoint from = end == null ? Checkpoint.at(Position.ZERO) : end;
    Optional<RulesInForce.Told> inForce = RulesInForce.of(resume);
    String fingerprint = rules.current().fingerprint();
    Memory memory = rules.current().recall(resume.state(), largestState());
    audit.begin(from);
    if (begun == 0) {
      tellWhatIsLeftOut(rules);
    }
    begun++;
    notes.add(
        "the audit begins "
            + (end == null ? "with the slot, as there is nothing in the journal yet" : "at " + end)
            + ", with rules "
            + fingerprint.substring(0, 8)
            + (inForce.isPresent()
                ? ", which the journal was written by"
                : "; the journal does not say yet by which rules it is written"));
    return new Run(
        reader,
        events,
        rules,
        inForce.orElse(RulesInForce.Told.first(fingerprint)),
        memory,
        from.position());
  }

  /** What is too large for the journal is a dead letter, here too. */
  private int largestState() throws JournalException, InterruptedException {
    return config.journal().largestState(config.context());
  }

  private void tellWhatIsLeftOut(BesideRules rules) {
    List<String> shadows =
        rules.current().shadows().stream().map(ShadowRule::rule).sorted().toList();
    notes.add(
        "not looked at: what was committed before, events of rows that a snapshot reads, deliveries"
            + " to subscribers"
            + (shadows.isEmpty() ? "" : ", rules in shadow (" + String.join(", ", shadows) + ")")
            + (sample.equals(Sample.ALL) ? "" : ", all keys but " + sample + " of them"));
  }

  private void again(EngineException why, boolean heals) {
    if (!heals || begun == 0) {
      throw why;
    }
    again(String.valueOf(why.getMessage()));
  }

  private void again(String why) {
    if (!why.equals(lastRefusal)) {
      int inFlight = audit.tally(System.nanoTime()).inFlight();
      notes.add(
          why
              + ". The audit begins again from where the journal ends then"
              + (inFlight == 0 ? "" : "; " + inFlight + " events in flight are not looked at"));
      lastRefusal = why;
    }
    audit.begin(Checkpoint.at(Position.ZERO));
    end();
  }

  private void end() {
    if (run != null) {
      run.close();
      run = null;
    }
  }

  private void look(Run now, List<Discrepancy> discrepancies)
      throws SourceException, JournalException, InterruptedException {
    if (!resting && !audit.mayExpectMore()) {
      now.reader.hold();
    } else if (!resting) {
      ChangeBatch batch = now.reader.poll(LOOK);
      if (batch != null) {
        evaluate(now, batch, discrepancies);
      }
      mindBackfill(now);
      if (run == null) {
        return;
      }
    }
    readJournal(now, discrepancies);
    if (now.events.isOvertaken()) {
      again("events went by the journal's retention before they were read");
    } else if (audit.isOverdue(System.nanoTime())) {
      settle(now, discrepancies);
    }
  }

  private void evaluate(Run now, ChangeBatch batch, List<Discrepancy> discrepancies) {
    for (Change change : batch.changes()) {
      changes++;
      if (change.origin().xid() != 0 && change.origin().xid() != now.lastXid) {
        now.lastXid = change.origin().xid();
        transactions++;
      }
    }
    expect(now.transactions.evaluate(batch.changes(), batch.openTransaction()), discrepancies);
    Position position = batch.checkpoint().position();
    if (!batch.openTransaction() && position.compareTo(now.read) > 0) {
      now.read = position;
      audit.through(position);
    }
    if (batch.clock() != null) {
      // What is due with time is in the journal with what the engine reads next.
      expect(now.rules.current().elapse(batch.clock(), now.memory), discrepancies);
    }
    // What the engine keeps in the journal, and tells.
    Map<String, byte @Nullable []> unusedChanges = now.memory.takeChanges();
    List<Notice> unusedNotices = now.transactions.takeNotices();
  }

  private void expect(List<Outcome> outcomes, List<Discrepancy> discrepancies) {
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Event made) {
        discrepancies.addAll(audit.expect(made.event(), System.nanoTime()));
      } else if (outcome instanceof Outcome.Dead) {
        deadLetters++;
      } else if (outcome instanceof Outcome.Halt halt) {
        notes.add(
            "rule '"
                + halt.rule()
                + "' halts the engine at "
                + halt.origin().position()
                + ": "
                + halt.code()
                + " "
                + halt.reason());
      }
    }
  }

  /** Rows that are read beside the log change what rules remember, and the audit has none. */
  private void mindBackfill(Run now) {
    long at = System.nanoTime();
    if (now.reader.takeBackfilled()) {
      now.backfilledAt = at;
      Set<String> unknown = now.rules.remembering();
      if (!now.backfilled && !unknown.isEmpty()) {
        notes.add(
            "a backfill reads rows: the events of rules that remember something ("
                + String.join(", ", unknown)
                + ") are not looked at until it is over");
        audit.leaveOut(unknown);
      }
      now.backfilled = true;
    } else if (now.backfilled && at - now.backfilledAt > AFTER_BACKFILL.toNanos()) {
      again("the backfill is over");
    }
  }

  /** For a while at most: changes are to be read too, however many events there are. */
  private void readJournal(Run now, List<Discrepancy> discrepancies)
      throws JournalException, InterruptedException {
    long start = System.nanoTime();
    while (audit.mayFindMore()
        && !isStopped()
        && System.nanoTime() - start < MOST_AT_JOURNAL.toNanos()) {
      List<EventReader.Entry> entries = now.events.poll(EVENTS, LOOK_AT_JOURNAL);
      if (entries.isEmpty()) {
        return;
      }
      for (EventReader.Entry entry : entries) {
        discrepancies.addAll(audit.found(entry, System.nanoTime()));
      }
    }
  }

  /** Asks the journal how far it is before it tells anything that depends on that. */
  private void settle(Run now, List<Discrepancy> discrepancies)
      throws SourceException, JournalException, InterruptedException {
    Resume resume = ask(now, () -> config.journal().peek(config.context())).orElse(Resume.NEW);
    if (!RulesInForce.of(resume).map(now.inForce::equals).orElse(true)) {
      again("other rules have taken over");
      return;
    }
    readJournal(now, discrepancies);
    boolean all = now.events.caughtUp();
    if (all) {
      now.events.lookAhead();
    }
    long at = System.nanoTime();
    if (all) {
      Set<EventId> missing = audit.missing(at);
      deadLetters += audit.refused(ask(now, () -> refused(missing)));
    }
    Checkpoint end = resume.checkpoint();
    discrepancies.addAll(
        audit.settle(end == null ? Position.ZERO : end.position(), now.read, all, at));
  }

  private <T> T ask(Run now, LongQuestion.Question<T> question)
      throws SourceException, JournalException, InterruptedException {
    return resting ? question.ask() : LongQuestion.ask(now.reader, question);
  }

  /** Those of events that the journal could not take: it has dead letters of them. */
  private Set<EventId> refused(Set<EventId> events) throws JournalException, InterruptedException {
    if (events.isEmpty()) {
      return Set.of();
    }
    return config
        .journal()
        .listDeadLetters(
            config.context(),
            letter -> letter.subscriber() == null && events.contains(letter.id()),
            MOST_DEAD_LETTERS)
        .stream()
        .map(DeadLetter::id)
        .collect(Collectors.toSet());
  }

  @Override
  public void close() {
    stop();
    end();
    source.close();
  }
}
