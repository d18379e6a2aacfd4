package io.rowbell.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.rowbell.engine.ShadowRecord.Sample;
import io.rowbell.engine.ShadowRecord.Told;
import io.rowbell.engine.ShadowRecord.Verdict;
import io.rowbell.language.RuleCounter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What rules in shadow would have sent, for people and for programs. */
final class ShadowReport {
  private static final JsonFactory JSON = new JsonFactory();

  private ShadowReport() {}

  static String text(List<ShadowRecord> records) {
    if (records.isEmpty()) {
      return "no such rule is in shadow: say 'mode: shadow' in a rule, and reload\n";
    }
    StringBuilder text = new StringBuilder();
    for (ShadowRecord record : records) {
      text.append(text.isEmpty() ? "" : "\n");
      text(text, record);
    }
    return text.toString();
  }

  private static void text(StringBuilder text, ShadowRecord record) {
    String live = record.rule().live();
    RuleCounter counter = record.rule().counter();
    text.append(record.rule().rule())
        .append(live == null ? ", compared with no live rule" : ", compared with " + live)
        .append(", since ")
        .append(record.since())
        .append('\n');
    String misfit = record.misfit();
    if (misfit != null) {
      text.append("  does not fit any more, and is not evaluated:\n").append(misfit.indent(4));
    }
    for (Verdict verdict : Verdict.values()) {
      text.append("  %-12s %d%n".formatted(verdict.words(), record.count(verdict)));
    }
    text.append(
        "  of all its changes since the start: asked %d, unknown %d%n"
            .formatted(counter.evaluated(), counter.unknown()));
    for (Sample sample : record.samples()) {
      text.append(
          "  %s  %-11s  %s%n"
              .formatted(
                  sample.time(),
                  sample.verdict().words(),
                  Objects.requireNonNullElse(sample.key(), "")));
      told(text, "would send", sample.would());
      told(text, "live sent", sample.live());
      if (sample.problem() != null) {
        text.append("    ").append(sample.problem()).append('\n');
      }
    }
  }

  private static void told(StringBuilder text, String what, @Nullable Told told) {
    if (told != null) {
      text.append("    %-10s  %s  %s%n".formatted(what, told.type(), told.data()));
    }
  }

  static String json(List<ShadowRecord> records) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartArray();
      for (ShadowRecord record : records) {
        json(json, record);
      }
      json.writeEndArray();
    }
    return text.append('\n').toString();
  }

  private static void json(JsonGenerator json, ShadowRecord record) throws IOException {
    json.writeStartObject();
    json.writeStringField("rule", record.rule().rule());
    json.writeStringField("live", record.rule().live());
    json.writeStringField("since", record.since().toString());
    json.writeStringField("misfit", record.misfit());
    json.writeNumberField("evaluated", record.rule().counter().evaluated());
    json.writeNumberField("unknown", record.rule().counter().unknown());
    for (Verdict verdict : Verdict.values()) {
      json.writeNumberField(word(verdict), record.count(verdict));
    }
    json.writeArrayFieldStart("samples");
    for (Sample sample : record.samples()) {
      json.writeStartObject();
      json.writeStringField("verdict", word(sample.verdict()));
      json.writeStringField("time", sample.time().toString());
      json.writeStringField("key", sample.key());
      json(json, "would", sample.would());
      json(json, "sent", sample.live());
      json.writeStringField("problem", sample.problem());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void json(JsonGenerator json, String field, @Nullable Told told)
      throws IOException {
    if (told == null) {
      json.writeNullField(field);
    } else {
      json.writeObjectFieldStart(field);
      json.writeStringField("type", told.type());
      json.writeStringField("position", told.position());
      json.writeStringField("data", told.data());
      json.writeEndObject();
    }
  }

  static String word(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT);
  }
}
