package io.rowbell.spi;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import java.io.ByteArrayOutputStream;
import java.util.Locale;
import java.util.TreeMap;

/**
 * An event as one JSON document, on one line: the JSON format of CloudEvents 1.0, structured mode.
 *
 * <p>The context attributes come first, then the extension attributes in the order of their names,
 * then the data, as it is.
 */
public final class CloudEventJson {
  /** The document's media type. */
  public static final String MEDIA_TYPE = "application/cloudevents+json";

  private CloudEventJson() {}

  /** The whole event. */
  public static EventData of(DomainEvent event) {
    StringBuilder head = new StringBuilder("{\"specversion\":\"1.0\"");
    add(head, "id", event.id().toString());
    add(head, "source", event.source());
    add(head, "type", event.type());
    String key = event.key();
    // An attribute is not empty: CloudEvents 1.0, "subject".
    if (key != null && !key.isEmpty()) {
      add(head, "subject", key);
    }
    add(head, "time", event.time().toString());
    add(head, "datacontenttype", "application/json");
    add(head, "dataversion", Integer.toString(event.version()));
    new TreeMap<>(event.extensions()).forEach((name, value) -> add(head, name, value));
    head.append(",\"data\":");
    byte[] data = event.data().bytes();
    ByteArrayOutputStream json = new ByteArrayOutputStream(head.length() + data.length + 1);
    json.writeBytes(head.toString().getBytes(UTF_8));
    json.writeBytes(data);
    json.write('}');
    return EventData.ofJson(json.toByteArray());
  }

  private static void add(StringBuilder json, String name, String value) {
    json.append(',');
    quote(json, name);
    json.append(':');
    quote(json, value);
  }

  /** A JSON string (RFC 8259, section 7). */
  private static void quote(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        default -> {
          if (c < ' ') {
            json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
