package io.rowbell.language;

import io.rowbell.language.Explanation.Condition;
import io.rowbell.language.Explanation.Last;
import io.rowbell.language.expression.Explained;
import io.rowbell.language.expression.JsonWriter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Json;
import java.util.List;
import java.util.Locale;

/** An explanation as a JSON object. */
final class ExplanationJson {
  private final JsonWriter json = new JsonWriter();

  private ExplanationJson() {}

  static byte[] of(Explanation explanation) {
    ExplanationJson writer = new ExplanationJson();
    writer.write(explanation);
    return writer.json.toByteArray();
  }

  private void write(Explanation explanation) {
    json.beginObject();
    json.name("rule").value(explanation.rule());
    json.name("verdict").value(word(explanation.verdict()));
    json.name("reason").value(word(explanation.reason()));
    json.name("because").value(explanation.because());
    Explanation.About change = explanation.change();
    json.name("change").beginObject();
    json.name("row").value(change.row());
    json.name("op").value(change.operation());
    json.name("position").value(change.position() == null ? null : change.position().toString());
    json.name("time").value(change.time());
    json.name("key").value(change.key());
    json.endObject();
    Last last = explanation.last();
    if (last != null) {
      json.name("last").beginObject();
      json.name(last.fired() ? "fired" : "first_seen").value(last.at()).endObject();
    }
    json.name("conditions").beginArray();
    for (Condition condition : explanation.conditions()) {
      condition(condition.word(), condition.explained());
    }
    json.endArray();
    events("made", explanation.made());
    if (explanation.shadow()) {
      json.name("shadow").value(true);
    }
    json.endObject();
  }

  private void condition(String label, Explained condition) {
    json.beginObject();
    if (!label.isEmpty()) {
      json.name("label").value(label);
    }
    json.name("text").value(condition.text());
    if (!condition.operator().isEmpty()) {
      json.name("operator").value(condition.operator());
    }
    condition.result().write(json);
    if (condition.detail() != null) {
      json.name("detail").value(condition.detail());
    }
    if (!condition.parts().isEmpty()) {
      json.name("parts").beginArray();
      condition.parts().forEach(part -> condition(part.label(), part));
      json.endArray();
    }
    if (!condition.readings().isEmpty()) {
      json.name("values").beginArray();
      for (Explained.Reading reading : condition.readings()) {
        json.beginObject().name("name").value(reading.name());
        reading.value().write(json);
        json.name("source").value(word(reading.source())).endObject();
      }
      json.endArray();
    }
    json.endObject();
  }

  private void events(String name, List<DomainEvent> events) {
    json.name(name).beginArray();
    for (DomainEvent event : events) {
      json.beginObject();
      json.name("type").value(event.type());
      json.name("id").value(event.id().toString());
      json.name("topic").value(event.topic());
      json.name("key").value(event.key());
      json.name("time").value(event.time());
      json.name("data").value(new Json(event.data().toString()));
      json.endObject();
    }
    json.endArray();
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
