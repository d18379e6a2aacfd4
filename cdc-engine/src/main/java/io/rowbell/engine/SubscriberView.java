package io.rowbell.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.rowbell.spi.CursorRange;
import io.rowbell.spi.SubscriberRecord;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber, for people who look.
 *
 * @param name its cursor's name
 * @param state {@code running}, {@code failing}, {@code paused}; {@code not served} if the journal
 *     knows it and the configuration does not; {@code stopped} if no engine was asked
 * @param lag how many events lie before its cursor
 * @param lagSeconds how long ago the first of them was committed; 0 if there is none
 * @param parkedKeys how many keys are held back
 * @param retriedKeys how many of them are being delivered again
 * @param cursor what is read next, by partition
 * @param error why a delivery failed last; null if none has, or not known
 * @param errorAt when; null likewise
 */
public record SubscriberView(
    String name,
    String state,
    long lag,
    long lagSeconds,
    int parkedKeys,
    int retriedKeys,
    Map<String, Long> cursor,
    @Nullable String error,
    @Nullable String errorAt) {
  private static final JsonFactory JSON = new JsonFactory();

  public SubscriberView {
    cursor = new TreeMap<>(cursor);
  }

  /** As the journal alone knows it. */
  public static SubscriberView of(SubscriberRecord record, Instant now) {
    Map<String, Long> cursor = new TreeMap<>();
    for (Map.Entry<String, CursorRange> range : record.ranges().entrySet()) {
      cursor.put(range.getKey(), range.getValue().next());
    }
    Instant behind = record.behindSince();
    return new SubscriberView(
        record.name(),
        record.paused() ? "paused" : "stopped",
        record.lag(),
        behind == null ? 0 : Math.max(0, Duration.between(behind, now).toSeconds()),
        record.parked().size(),
        record.retried().size(),
        cursor,
        null,
        null);
  }

  /** With what the engine knows that serves it. */
  SubscriberView served(Health.State health, @Nullable Long lagNow) {
    Instant at = health.lastErrorAt();
    boolean caughtUp = lagNow != null && lagNow == 0;
    return new SubscriberView(
        name,
        state.equals("paused") ? state : health.failingSince() == null ? "running" : "failing",
        lagNow == null ? lag : lagNow,
        caughtUp ? 0 : lagSeconds,
        parkedKeys,
        retriedKeys,
        cursor,
        health.lastError(),
        at == null ? null : at.toString());
  }

  /** With what the engine knows that does not serve it. */
  SubscriberView notServed() {
    return new SubscriberView(
        name, "not served", lag, lagSeconds, parkedKeys, retriedKeys, cursor, error, errorAt);
  }

  /** A JSON array on a line. */
  public static String json(List<SubscriberView> views) {
    StringWriter written = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(written)) {
      json.writeStartArray();
      for (SubscriberView view : views) {
        json.writeStartObject();
        json.writeStringField("name", view.name);
        json.writeStringField("state", view.state);
        json.writeNumberField("lag", view.lag);
        json.writeNumberField("lagSeconds", view.lagSeconds);
        json.writeNumberField("parkedKeys", view.parkedKeys);
        json.writeNumberField("retriedKeys", view.retriedKeys);
        json.writeObjectFieldStart("cursor");
        for (Map.Entry<String, Long> place : view.cursor.entrySet()) {
          json.writeNumberField(place.getKey(), place.getValue());
        }
        json.writeEndObject();
        json.writeStringField("error", view.error);
        json.writeStringField("errorAt", view.errorAt);
        json.writeEndObject();
      }
      json.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return written.toString();
  }

  /**
   * Reads {@link #json} back.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static List<SubscriberView> parse(String written) {
    List<SubscriberView> views = new ArrayList<>();
    try (JsonParser json = JSON.createParser(written)) {
      require(json.nextToken() == JsonToken.START_ARRAY, written);
      while (json.nextToken() == JsonToken.START_OBJECT) {
        views.add(parse(json));
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("these are no subscribers: " + written, e);
    }
    return views;
  }

  private static SubscriberView parse(JsonParser json) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    Map<String, Long> numbers = new TreeMap<>();
    Map<String, Long> cursor = new TreeMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (value == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String partition = json.currentName();
          json.nextToken();
          cursor.put(partition, json.getLongValue());
        }
      } else if (value == JsonToken.VALUE_NUMBER_INT) {
        numbers.put(name, json.getLongValue());
      } else if (value == JsonToken.VALUE_STRING) {
        texts.put(name, json.getText());
      }
    }
    return new SubscriberView(
        texts.getOrDefault("name", ""),
        texts.getOrDefault("state", ""),
        numbers.getOrDefault("lag", 0L),
        numbers.getOrDefault("lagSeconds", 0L),
        Math.toIntExact(numbers.getOrDefault("parkedKeys", 0L)),
        Math.toIntExact(numbers.getOrDefault("retriedKeys", 0L)),
        cursor,
        texts.get("error"),
        texts.get("errorAt"));
  }

  private static void require(boolean so, String written) {
    if (!so) {
      throw new IllegalArgumentException("these are no subscribers: " + written);
    }
  }
}
