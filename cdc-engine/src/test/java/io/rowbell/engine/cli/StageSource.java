package io.rowbell.engine.cli;

import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.Requirements;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.ChangeWatch;
import io.rowbell.spi.Finding;
import io.rowbell.spi.PublicationPlan;
import io.rowbell.spi.PublicationPlan.Decision;
import io.rowbell.spi.PublicationPlan.Part;
import io.rowbell.spi.Publishing;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Secret;
import io.rowbell.spi.Setting;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A database that is as the configuration says: ready, lacking something, ahead of every journal
 * that has a position, or not there.
 */
public final class StageSource implements SourceFactory<StageSource.Settings> {
  /** What it is like. */
  public enum Mood {
    READY,
    LACKING,
    AHEAD,
    UNREACHABLE,
    BROKEN
  }

  /** Its settings. */
  public record Settings(
      @Setting(value = "What it is like.", byDefault = "ready") Mood mood,
      @Setting("The password.") @Nullable Secret password) {}

  private static final TableId STOCKS = new TableId("public", "stocks");

  @Override
  public String name() {
    return "stage";
  }

  @Override
  public Class<Settings> settingsType() {
    return Settings.class;
  }

  @Override
  public Source open(Settings settings, AdapterContext context) {
    return new Stage(settings.mood());
  }

  private static final class Stage implements Source {
    private Mood mood;

    Stage(Mood mood) {
      this.mood = mood;
    }

    @Override
    public DatabaseId database() throws SourceException {
      if (mood == Mood.UNREACHABLE) {
        throw new SourceException(
            SourceException.Kind.UNREACHABLE, "nobody answers at localhost:1", null);
      }
      if (mood == Mood.BROKEN) {
        throw new IllegalStateException("a fault of the test's");
      }
      return new DatabaseId("7", "shop");
    }

    @Override
    public void claim() {}

    @Override
    public Catalog catalog(Resume resume) throws SourceException {
      return catalog();
    }

    @Override
    public Catalog catalog() throws SourceException {
      DatabaseId unused = database();
      TableSchema stocks =
          new TableSchema(
              STOCKS,
              List.of(
                  new Column("id", ColumnType.of(ColumnType.Kind.INTEGER, "bigint"), false),
                  new Column("symbol", ColumnType.of(ColumnType.Kind.TEXT, "text"), false)),
              List.of(0),
              ReplicaIdentity.DEFAULT,
              List.of(0));
      return new Catalog(List.of("public"), Map.of(STOCKS, stocks));
    }

    @Override
    public List<Finding> inspect(Requirements requirements, Resume resume) {
      if (mood == Mood.READY || (mood == Mood.AHEAD && resume.checkpoint() == null)) {
        return List.of();
      }
      if (mood == Mood.AHEAD) {
        return List.of(
            new Finding(
                Finding.Severity.ERROR,
                "E241",
                "slot rowbell",
                "it is ahead of the journal, which ends at " + resume.checkpoint(),
                "bring the newest journal back",
                List.of(),
                true));
      }
      return List.of(
          new Finding(
              Finding.Severity.ERROR,
              "E204",
              "publication rowbell",
              "it does not exist",
              "make it",
              List.of("CREATE PUBLICATION rowbell FOR TABLE public.stocks")),
          new Finding(
              Finding.Severity.WARNING,
              "E209",
              "max_slot_wal_keep_size",
              "it is not limited",
              "limit it",
              List.of()));
    }

    @Override
    public Applied apply(Requirements requirements, Resume resume) {
      mood = Mood.READY;
      return new Applied(List.of("CREATE PUBLICATION rowbell FOR TABLE public.stocks"), List.of());
    }

    @Override
    public ChangeWatch watch(Requirements requirements, ChangeWatch.Since since)
        throws SourceException {
      throw new SourceException(
          SourceException.Kind.MISCONFIGURED, "all replication slots are in use", null);
    }

    @Override
    public Optional<Publishing> publishing() {
      return Optional.of(
          new Publishing() {
            @Override
            public PublicationPlan plan(
                Requirements requirements, Resume resume, boolean keysStay) {
              boolean planned = mood == Mood.READY;
              return new PublicationPlan(
                  "rowbell",
                  mood == Mood.LACKING ? inspect(requirements, resume) : List.of(),
                  List.of(
                      new Decision(
                          "publication rowbell",
                          Part.OPERATIONS,
                          keysStay,
                          keysStay ? "no rule needs update" : "rules need all of them"),
                      new Decision("public.stocks", Part.ROWS, false, "a rule needs every row")),
                  planned ? List.of() : List.of("ALTER PUBLICATION rowbell SET TABLE stocks"));
            }

            @Override
            public Outcome apply(PublicationPlan plan, Requirements requirements, Resume resume) {
              mood = Mood.READY;
              return new Outcome(new Applied(plan.statements(), List.of()), "p0123456789ab");
            }
          });
    }

    @Override
    public void run(Requirements requirements, Resume resume, BatchHandler handler)
        throws SourceException {
      throw new SourceException(SourceException.Kind.POSITION_MISMATCH, "the slot is gone", null);
    }

    @Override
    public void stop() {}

    @Override
    public SourceStatus status() {
      return new SourceStatus(false, false, 0, -1, -1, -1, null, 0, null);
    }

    @Override
    public void look() {}

    @Override
    public Source renew() {
      return new Stage(mood);
    }

    @Override
    public void close() {}
  }
}
