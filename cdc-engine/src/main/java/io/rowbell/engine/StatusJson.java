package io.rowbell.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.rowbell.model.Checkpoint;
import io.rowbell.spi.Source.SourceStatus;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Locale;

/** How an engine is, as one JSON object on a line. */
final class StatusJson {
  private static final JsonFactory JSON = new JsonFactory();

  private StatusJson() {}

  static String of(Engine engine) throws IOException {
    Status status = engine.status();
    Readiness readiness = engine.readiness();
    Checkpoint position =
        engine.session().map(session -> session.journal().resume().checkpoint()).orElse(null);
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("state", word(status.state()));
      json.writeStringField("since", status.since().toString());
      json.writeStringField("reason", status.reason());
      json.writeBooleanField("ready", readiness.ready());
      json.writeStringField("readiness", readiness.reason());
      source(json, engine.source().status());
      rules(json, engine);
      if (position != null) {
        json.writeStringField("position", position.toString());
      }
      json.writeEndObject();
    }
    return text.append('\n').toString();
  }

  private static void source(JsonGenerator json, SourceStatus source) throws IOException {
    json.writeObjectFieldStart("source");
    json.writeBooleanField("connected", source.connected());
    json.writeBooleanField("caughtUp", source.caughtUp());
    json.writeNumberField("lagBytes", source.lagBytes());
    Duration behind = source.behind();
    if (behind == null) {
      json.writeNullField("lagSeconds");
    } else {
      json.writeNumberField("lagSeconds", behind.toMillis() / 1e3);
    }
    json.writeNumberField("retainedBytes", source.retainedBytes());
    json.writeNumberField("safeBytes", source.safeBytes());
    json.writeEndObject();
  }

  /** What was wrong with a file may quote it, so it is for who reloads and for the log. */
  private static void rules(JsonGenerator json, Engine engine) throws IOException {
    json.writeObjectFieldStart("rules");
    json.writeStringField("fingerprint", engine.rules().current().fingerprint());
    Reload last = engine.reloads().last();
    if (last == null) {
      json.writeNullField("reload");
    } else {
      json.writeObjectFieldStart("reload");
      json.writeStringField("at", last.at().toString());
      json.writeStringField("outcome", word(last.outcome()));
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  /** The answer to who asked for a reload. */
  static String of(Reload reload) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("outcome", word(reload.outcome()));
      json.writeStringField("at", reload.at().toString());
      json.writeStringField("fingerprint", reload.fingerprint());
      json.writeStringField("text", reload.text());
      json.writeEndObject();
    }
    return text.append('\n').toString();
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
