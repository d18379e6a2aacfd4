package io.rowbell.engine.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.rowbell.engine.Verifier.Progress;
import io.rowbell.engine.verify.Discrepancy;
import io.rowbell.engine.verify.Discrepancy.Kind;
import io.rowbell.engine.verify.Tally;
import io.rowbell.model.DomainEvent;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Locale;

/** For programs: one object a line. */
final class VerifyJson implements VerifyReport {
  private static final JsonFactory JSON = new JsonFactory();

  private final PrintWriter out;
  private final InstantSource clock;

  VerifyJson(PrintWriter out, InstantSource clock) {
    this.out = out;
    this.clock = clock;
  }

  /** What a line says beside what it is and when. */
  @FunctionalInterface
  private interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  @Override
  public void note(String text) {
    line("note", json -> json.writeStringField("text", text));
  }

  @Override
  public void discrepancy(Discrepancy discrepancy) {
    DomainEvent event = discrepancy.event();
    line(
        "finding",
        json -> {
          json.writeStringField("finding", word(discrepancy.kind()));
          json.writeStringField("code", discrepancy.kind().code());
          json.writeStringField("event", event.id().toString());
          json.writeStringField("type", event.type());
          json.writeStringField("key", event.key());
          json.writeStringField("committed", event.time().toString());
          json.writeStringField("position", event.extensions().get("position"));
          json.writeStringField("detail", discrepancy.detail());
        });
  }

  @Override
  public void progress(Progress progress) {
    line("progress", json -> numbers(json, progress));
  }

  @Override
  public void summary(Progress progress) {
    line("summary", json -> numbers(json, progress));
  }

  private static void numbers(JsonGenerator json, Progress progress) throws IOException {
    Tally events = progress.events();
    json.writeNumberField("begun", progress.begun());
    json.writeNumberField("transactions", progress.transactions());
    json.writeNumberField("changes", progress.changes());
    json.writeNumberField("expected", events.expected());
    json.writeNumberField("found", events.found());
    for (Kind kind : Kind.values()) {
      json.writeNumberField(word(kind), events.count(kind));
    }
    json.writeNumberField("inFlight", events.inFlight());
    json.writeNumberField("oldestInFlightSeconds", events.oldest().toMillis() / 1e3);
    json.writeNumberField("backfilled", events.backfilled());
    json.writeNumberField("leftOut", events.leftOut());
    json.writeNumberField("deadLetters", progress.deadLetters());
  }

  private static String word(Kind kind) {
    return switch (kind) {
      case OUT_OF_ORDER -> "outOfOrder";
      default -> kind.name().toLowerCase(Locale.ROOT);
    };
  }

  private void line(String what, Body body) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("what", what);
      json.writeStringField("at", clock.instant().toString());
      body.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    out.println(text);
    out.flush();
  }
}
