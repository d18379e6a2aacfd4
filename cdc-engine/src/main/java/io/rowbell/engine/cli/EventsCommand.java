package io.rowbell.engine.cli;

import io.rowbell.engine.Failures;
import io.rowbell.engine.config.JournalAccess;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Position;
import io.rowbell.spi.CloudEventJson;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.JournalException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Shows what is in the journal. */
@Command(
    name = "events",
    mixinStandardHelpOptions = true,
    description = "Show the events that are in the journal, oldest first.",
    footer = {
      "",
      "One line for each event, a complete CloudEvent in JSON:",
      "  rowbell events --type StockPriceMoved | jq .data",
      "",
      "Of the configuration only 'name' and 'journal' are read: the database's password is not needed."
    })
final class EventsCommand implements Callable<Integer> {
  private static final int BATCH = 500;
  private static final Duration WAIT = Duration.ofMillis(500);

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private ConfigOption config;
  @Mixin private LogOptions log;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with new events as they come.")
  private boolean follow;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "Only events of this type; may be repeated.")
  private Set<String> types = Set.of();

  @Option(names = "--key", paramLabel = "KEY", description = "Only events with this key.")
  private @Nullable String key;

  @Option(
      names = "--after",
      paramLabel = "POSITION",
      converter = PositionConverter.class,
      description =
          "Only events of changes behind this position in the database's log, as 0/16B3748: what a"
              + " promoted standby never had (E244).")
  private @Nullable Position after;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "json",
      description = "json (one CloudEvent a line) or table. Default: json.")
  private Format format;

  @Override
  public Integer call() throws InterruptedException {
    log.apply();
    JournalAccess access = config.journal();
    try (EventReader reader = access.journal().openReader(access.context())) {
      show(reader, spec.commandLine().getOut());
    } catch (JournalException e) {
      throw Failures.of(e);
    }
    return 0;
  }

  private void show(EventReader reader, PrintWriter out)
      throws JournalException, InterruptedException {
    if (format == Format.TABLE) {
      out.println(
          main.terminal().paint(Terminal.Colour.STRONG, row("TIME", "TYPE", "KEY", "DATA")));
    }
    // Whoever reads our output may have had enough: that is no error.
    while ((follow || !reader.caughtUp()) && !out.checkError()) {
      List<EventReader.Entry> entries = reader.poll(BATCH, WAIT);
      for (EventReader.Entry entry : entries) {
        DomainEvent event = entry.event();
        if (isWanted(event)) {
          out.println(format == Format.JSON ? CloudEventJson.of(event).toString() : row(event));
        }
      }
    }
    out.flush();
  }

  private boolean isWanted(DomainEvent event) {
    return (types.isEmpty() || types.contains(event.type()))
        && (key == null || key.equals(event.key()))
        && (after == null || isBehind(event, after));
  }

  private static boolean isBehind(DomainEvent event, Position after) {
    String position = event.extensions().get("position");
    return position != null && Position.parse(position).compareTo(after) > 0;
  }

  /** Reads a position, as the log spells it. */
  static final class PositionConverter implements ITypeConverter<Position> {
    @Override
    public Position convert(String text) {
      try {
        return Position.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  private String row(DomainEvent event) {
    return row(
        event.time().toString(),
        event.type(),
        Objects.requireNonNullElse(event.key(), ""),
        event.data().toString());
  }

  private String row(String time, String type, String key, String data) {
    return Table.cut(
        "%-27s  %-20s  %-12s  %s".formatted(time, type, key, data), main.terminal().width());
  }
}
