package io.rowbell.postgres;

import io.rowbell.model.Catalog;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Requirements;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.ChangeReader;
import io.rowbell.spi.ChangeWatch;
import io.rowbell.spi.Finding;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Publishing;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows one PostgreSQL database. */
final class PostgresSource implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresSource.class);

  /** After how long the server ends who looks beside the pipeline and does not any more. */
  private static final Duration UNATTENDED = Duration.ofSeconds(60);

  /** How much of the log a reader beside the pipeline may hold back that its own slot does not. */
  private static final long MOST_HELD_BYTES = 1L << 30;

  /** How long making a slot may wait for transactions that are open. */
  private static final Duration SLOT_WAIT = Duration.ofSeconds(30);

  private final Endpoint endpoint;
  private final Preflight preflight;
  private final Progress progress;
  private final Object guard = new Object();
  private @Nullable Follower follower;
  private final CountDownLatch stopped;
  private final Claim claim;
  private final boolean first;

  PostgresSource(PostgresSettings settings, AdapterContext context) {
    this(endpoint(settings, context), new Progress(), null);
  }

  private PostgresSource(Endpoint endpoint, Progress progress, @Nullable Claim before) {
    this.endpoint = endpoint;
    this.stopped = new CountDownLatch(1);
    this.first = before == null;
    this.progress = progress;
    this.preflight =
        new Preflight(
            endpoint.connections(),
            new CatalogReader(endpoint.types()),
            endpoint.slot(),
            endpoint.publicationHistory(),
            SLOT_WAIT);
    this.claim =
        before != null
            ? before.renew(stopped)
            : new Claim(
                endpoint.connections(),
                endpoint.slot(),
                endpoint.settings().markerInterval(),
                stopped);
  }

  private static Endpoint endpoint(PostgresSettings settings, AdapterContext context) {
    DebeziumProperties.check(context.passThrough());
    SqlConnections connections =
        new SqlConnections(settings, context.pipeline(), context.directory());
    return new Endpoint(
        settings,
        connections,
        new TypeRegistry(connections),
        context.pipeline(),
        settings.slotOf(context.pipeline()),
        settings.publicationOf(context.pipeline()),
        context.passThrough());
  }

  @Override
  public void claim() throws SourceException, InterruptedException {
    Outage outage =
        new Outage(endpoint.pipeline(), endpoint.settings().reconnectFor(), progress, stopped);
    do {
      try {
        claim.take();
        return;
      } catch (SourceException e) {
        // Our own lost session was ended first: whoever has the lock is another process.
        if (first || SqlErrors.isInUse(e)) {
          throw e;
        }
        outage.await("its claim on slot '" + endpoint.slot() + "'", e);
      }
    } while (stopped.getCount() > 0);
  }

  @Override
  public void standBy(Duration takeOverAfter) throws SourceException, InterruptedException {
    Duration least = endpoint.settings().markerInterval().multipliedBy(3);
    if (takeOverAfter.compareTo(least) < 0) {
      throw new SourceException(
          Kind.MISCONFIGURED,
          "standby.take-over-after is "
              + takeOverAfter.toMillis()
              + " ms: one that is well would be taken for one that hangs. Make it "
              + least.toMillis()
              + " ms or more, three times source.postgres.marker-interval",
          null);
    }
    claim.yieldToOthers();
    if (claim.isHeld()) {
      return;
    }
    Optional<WriterSession> locked =
        new Standby(
                endpoint.connections(),
                endpoint.slot(),
                takeOverAfter,
                endpoint.settings().markerInterval(),
                progress,
                stopped)
            .await();
    progress.waiting("the source has not been started");
    locked.ifPresent(claim::hold);
  }

  @Override
  public DatabaseId database() throws SourceException {
    try (Connection connection = endpoint.connections().open()) {
      return WriterSession.database(connection);
    } catch (SQLException e) {
      throw SqlErrors.whileAsking("reading the system identifier", e);
    }
  }

  @Override
  public Catalog catalog() throws SourceException {
    try (Connection connection = endpoint.connections().open()) {
      return new CatalogReader(endpoint.types()).read(connection);
    } catch (SQLException e) {
      throw SqlErrors.whileAsking("reading the catalog", e);
    }
  }

  @Override
  public Catalog catalog(Resume resume) throws SourceException {
    try (Connection connection = endpoint.connections().open()) {
      Catalog live = new CatalogReader(endpoint.types()).read(connection);
      return new Relations(endpoint.types())
          .comingNext(live, new JournalNotes(resume.state()), connection);
    } catch (SQLException e) {
      throw SqlErrors.whileAsking("reading the catalog", e);
    }
  }

  @Override
  public List<Finding> inspect(Requirements requirements, Resume resume) throws SourceException {
    return preflight.inspect(requirements, resume);
  }

  @Override
  public Applied apply(Requirements requirements, Resume resume) throws SourceException {
    return preflight.apply(requirements, resume);
  }

  @Override
  public ChangeWatch watch(Requirements requirements, ChangeWatch.Since since)
      throws SourceException {
    return SlotWatch.open(endpoint, requirements, since, SLOT_WAIT, UNATTENDED);
  }

  @Override
  public ChangeReader openReader(Requirements requirements) throws SourceException {
    return DirectReader.open(endpoint, requirements, UNATTENDED, MOST_HELD_BYTES);
  }

  @Override
  public Optional<Publishing> publishing() {
    return Optional.of(
        new PublicationControl(
            endpoint.connections(),
            new CatalogReader(endpoint.types()),
            endpoint.publicationHistory()));
  }

  @Override
  public void run(Requirements requirements, Resume resume, BatchHandler handler)
      throws SourceException, JournalException, InterruptedException {
    Follower following =
        new Follower(endpoint, claim, requirements, resume, preflight, handler, progress);
    synchronized (guard) {
      if (stopped.getCount() == 0) {
        return;
      }
      if (follower != null) {
        throw new IllegalStateException("a source is run once at a time");
      }
      follower = following;
    }
    try {
      following.run();
    } finally {
      synchronized (guard) {
        follower = null;
      }
    }
  }

  @Override
  public void stop() {
    synchronized (guard) {
      stopped.countDown();
      if (follower != null) {
        follower.stop();
      }
    }
  }

  @Override
  public SourceStatus status() {
    return progress.status();
  }

  @Override
  public void look() {
    try (Connection connection = endpoint.connections().open()) {
      SlotProgress.read(connection, endpoint.slot()).ifPresent(progress::seen);
    } catch (SourceException | SQLException e) {
      LOG.debug("what the server keeps for slot {} is not known", endpoint.slot(), e);
    }
  }

  @Override
  public Source renew() {
    close();
    progress.waiting("the source has not been started");
    return new PostgresSource(endpoint, progress, claim);
  }

  @Override
  public void close() {
    stop();
    claim.close();
  }
}
