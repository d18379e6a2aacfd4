package io.rowbell.engine.cli;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.model.Position;
import io.rowbell.spi.Act;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalFactory;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Setting;
import io.rowbell.spi.SubscriberRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A journal that holds as many events as the configuration says, and takes no more. */
public final class StageJournal implements JournalFactory<StageJournal.Settings> {
  /** Its settings. */
  public record Settings(
      @Setting(value = "How many events there are.", byDefault = "2") int events,
      @Setting("Where it ends; none if there is no journal yet.") @Nullable String end) {}

  @Override
  public String name() {
    return "stage";
  }

  @Override
  public Class<Settings> settingsType() {
    return Settings.class;
  }

  @Override
  public Journal open(Settings settings, AdapterContext context) throws JournalException {
    throw new JournalException(JournalException.Kind.FATAL, "the stage takes no events", null);
  }

  @Override
  public Optional<Resume> peek(Settings settings, AdapterContext context) throws JournalException {
    if (settings.events() < 0) {
      throw new JournalException(JournalException.Kind.FATAL, "the stage is dark", null);
    }
    return Optional.ofNullable(settings.end())
        .map(end -> new Resume(Reader.DATABASE, Checkpoint.at(Position.parse(end)), Map.of()));
  }

  @Override
  public EventReader openReader(Settings settings, AdapterContext context, Journal.Start start)
      throws JournalException {
    if (settings.events() < 0) {
      throw new JournalException(JournalException.Kind.FATAL, "there is no journal", null);
    }
    return new Reader(IntStream.range(0, settings.events()).mapToObj(Reader::entry).toList());
  }

  @Override
  public void readDeadLetters(
      Settings settings,
      AdapterContext context,
      Predicate<DeadLetter> wanted,
      int max,
      Consumer<DeadLetter> reader) {}

  @Override
  public List<SubscriberRecord> readSubscribers(Settings settings, AdapterContext context) {
    return List.of();
  }

  @Override
  public List<Act> readActs(Settings settings, AdapterContext context, int max) {
    return List.of();
  }

  private static final class Reader implements EventReader {
    private static final DatabaseId DATABASE = new DatabaseId("7", "shop");
    private final List<Entry> entries;
    private int next;

    Reader(List<Entry> entries) {
      this.entries = entries;
    }

    static Entry entry(int n) {
      return new Entry(
          "0",
          n,
          new DomainEvent(
              EventId.ofText(DATABASE, "rule", "event " + n),
              "rowbell://shop/public.stocks",
              n % 2 == 0 ? "StockPriceMoved" : "StockListed",
              1,
              "key-" + n / 2,
              Instant.EPOCH.plusSeconds(n),
              "shop.stocks",
              Map.of("position", "1/" + Integer.toHexString(n)),
              EventData.ofJson("{\"n\":" + n + "}")));
    }

    @Override
    public List<Entry> poll(int max, long maxBytes, Duration timeout) {
      List<Entry> found = entries.subList(next, Math.min(next + max, entries.size()));
      next += found.size();
      return found;
    }

    @Override
    public boolean caughtUp() {
      return next == entries.size();
    }

    @Override
    public void close() {}
  }
}
