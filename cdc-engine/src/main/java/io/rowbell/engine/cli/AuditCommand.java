package io.rowbell.engine.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.rowbell.engine.ExitCode;
import io.rowbell.engine.Failures;
import io.rowbell.engine.config.JournalAccess;
import io.rowbell.spi.Act;
import io.rowbell.spi.JournalException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows what people have done. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = "Show what people have done to dead letters and subscribers, oldest first.")
final class AuditCommand implements Callable<Integer> {
  private static final JsonFactory JSON = new JsonFactory();

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private ConfigOption config;
  @Mixin private LogOptions log;

  @Option(
      names = "--max",
      paramLabel = "N",
      defaultValue = "1000",
      description = "The last N. Default: 1000.")
  private int max;

  @Mixin private FormatOption format;

  @Override
  public Integer call() throws InterruptedException {
    log.apply();
    JournalAccess access = config.journal();
    List<Act> acts;
    try {
      acts = access.journal().readActs(access.context(), max);
    } catch (JournalException e) {
      throw Failures.of(e);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (format.isJson()) {
      acts.forEach(act -> out.println(json(act)));
    } else if (acts.isEmpty()) {
      out.println("nobody has done anything yet");
    } else {
      Table table = new Table("TIME", "WHO", "SUBSCRIBER", "WHAT", "REASON");
      acts.forEach(
          act ->
              table.add(
                  act.at().toString(),
                  act.who(),
                  subscriber(act.subscriber()),
                  act.what(),
                  act.reason()));
      table.lines(main.terminal().width()).forEach(out::println);
    }
    return ExitCode.OK.code();
  }

  private static String subscriber(@Nullable String name) {
    return Objects.requireNonNullElse(name, "-");
  }

  private static String json(Act act) {
    StringWriter written = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(written)) {
      json.writeStartObject();
      json.writeStringField("time", act.at().toString());
      json.writeStringField("who", act.who());
      json.writeStringField("subscriber", act.subscriber());
      json.writeStringField("what", act.what());
      json.writeStringField("reason", act.reason());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return written.toString();
  }
}
