package io.rowbell.language.contract;

import io.rowbell.language.contract.Contract.Event;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The headers of an event's Kafka record: CloudEvents' attributes, each after {@code ce_}. */
final class EventHeaders {
  private static final String UUID =
      "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";

  private final Map<String, @Nullable Object> properties = new LinkedHashMap<>();
  private final List<String> required = new ArrayList<>();

  private EventHeaders() {}

  /** The JSON Schema of an event's headers. */
  static Map<String, @Nullable Object> schema(Event event) {
    EventHeaders headers = new EventHeaders();
    headers.always("ce_specversion", "const", "1.0");
    headers.always("ce_id", "pattern", UUID);
    headers.always("ce_source", "pattern", "^/rowbell/");
    if (event.type().isConstant()) {
      headers.always("ce_type", "const", event.type().text());
    } else {
      headers.always("ce_type", "pattern", event.type().pattern());
    }
    headers.sometimes("ce_subject", "The record's key, if it has one.");
    headers.always("ce_time", "format", "date-time");
    headers.always("ce_dataversion", "const", Integer.toString(event.version()));
    headers.always("content-type", "const", "application/json");
    event.attributes().forEach(headers::attribute);
    headers.always("ce_position", "pattern", "^[0-9A-F]+/[0-9A-F]+$");
    headers.sometimes("ce_xid", "The transaction; absent for a row that a snapshot read.");
    headers.sometimes("ce_backfill", "The snapshot that read the row; absent for all others.");
    headers.sometimes("ce_missing", "The names of fields that were left out, with commas between.");
    headers.sometimes("rowbell-pipeline", "The pipeline whose journal the topic is part of.");
    Map<String, @Nullable Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("properties", headers.properties);
    schema.put("required", headers.required);
    return schema;
  }

  private void attribute(String name, Set<String> values) {
    // An event that is made of several places need not have the attribute of each.
    if (name.equals("table") || name.equals("prefix")) {
      properties.put("ce_" + name, text("enum", List.copyOf(values)));
    } else {
      always("ce_" + name, "enum", List.copyOf(values));
    }
  }

  private void always(String name, String word, Object value) {
    properties.put(name, text(word, value));
    required.add(name);
  }

  private void sometimes(String name, String description) {
    properties.put(name, text("description", description));
  }

  private static Map<String, @Nullable Object> text(String word, Object value) {
    Map<String, @Nullable Object> schema = new LinkedHashMap<>();
    schema.put("type", "string");
    schema.put(word, value);
    return schema;
  }
}
