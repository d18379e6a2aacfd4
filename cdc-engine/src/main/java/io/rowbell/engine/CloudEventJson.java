package io.rowbell.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.rowbell.model.DomainEvent;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/** Writes events in the JSON format of CloudEvents 1.0 (structured mode), on one line. */
public final class CloudEventJson {
  private static final JsonFactory JSON = new JsonFactory();

  private CloudEventJson() {}

  /**
   * The whole event: context attributes, extension attributes in the order of their names, data.
   */
  public static String write(DomainEvent event) {
    StringWriter text = new StringWriter(256 + event.data().bytes().length);
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("specversion", "1.0");
      json.writeStringField("id", event.id().toString());
      json.writeStringField("source", event.source());
      json.writeStringField("type", event.type());
      if (event.key() != null) {
        json.writeStringField("subject", event.key());
      }
      json.writeStringField("time", event.time().toString());
      json.writeStringField("datacontenttype", "application/json");
      json.writeStringField("dataversion", Integer.toString(event.version()));
      for (Map.Entry<String, String> extension : new TreeMap<>(event.extensions()).entrySet()) {
        json.writeStringField(extension.getKey(), extension.getValue());
      }
      json.writeFieldName("data");
      json.writeRawValue(event.data().toString());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return text.toString();
  }
}
