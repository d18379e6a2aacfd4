package io.rowbell.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a person wants done about a subscriber or about dead letters.
 *
 * @param act what
 * @param subscriber whom it concerns; null if the dead letters say it
 * @param ids dead letters, by the ids of their events
 * @param key all dead letters of this key; null for no key
 * @param all all dead letters of the subscriber
 * @param to where a cursor goes: {@code earliest}, {@code latest}, a time, an offset, {@code
 *     PARTITION:OFFSET} or {@code +N}; null if it stays
 * @param outOfOrder whether one dead letter may be delivered before others of its key
 * @param preview whether to say only what would be done
 * @param reason why, for those who ask later
 * @param who the person, for the same
 */
public record ActRequest(
    Kind act,
    @Nullable String subscriber,
    List<String> ids,
    @Nullable String key,
    boolean all,
    @Nullable String to,
    boolean outOfOrder,
    boolean preview,
    String reason,
    String who) {
  private static final JsonFactory JSON = new JsonFactory();

  /** What can be done. */
  public enum Kind {
    RETRY,
    DROP,
    PAUSE,
    RESUME,
    REWIND,
    SKIP;

    /** As people write it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public ActRequest {
    Objects.requireNonNull(act, "act");
    ids = List.copyOf(ids);
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(who, "who");
  }

  /** As one JSON object. */
  public String json() {
    StringWriter written = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(written)) {
      json.writeStartObject();
      json.writeStringField("act", act.word());
      write(json, "subscriber", subscriber);
      json.writeArrayFieldStart("ids");
      for (String id : ids) {
        json.writeString(id);
      }
      json.writeEndArray();
      write(json, "key", key);
      json.writeBooleanField("all", all);
      write(json, "to", to);
      json.writeBooleanField("outOfOrder", outOfOrder);
      json.writeBooleanField("preview", preview);
      json.writeStringField("reason", reason);
      json.writeStringField("who", who);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return written.toString();
  }

  private static void write(JsonGenerator json, String name, @Nullable String value)
      throws IOException {
    if (value != null) {
      json.writeStringField(name, value);
    }
  }

  /**
   * Reads {@link #json} back.
   *
   * @throws IllegalArgumentException if it is something else: why
   */
  public static ActRequest parse(String written) {
    Map<String, String> texts = new HashMap<>();
    Map<String, Boolean> flags = new HashMap<>();
    List<String> ids = new ArrayList<>();
    try (JsonParser json = JSON.createParser(written)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("not a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        switch (json.nextToken()) {
          case VALUE_STRING -> texts.put(name, json.getText());
          case VALUE_TRUE -> flags.put(name, true);
          case VALUE_FALSE -> flags.put(name, false);
          case START_ARRAY -> {
            while (json.nextToken() == JsonToken.VALUE_STRING) {
              ids.add(json.getText());
            }
          }
          default -> throw new IllegalArgumentException("'" + name + "' is of the wrong kind");
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("not JSON", e);
    }
    String act = Objects.requireNonNullElse(texts.get("act"), "");
    return new ActRequest(
        kind(act),
        texts.get("subscriber"),
        ids,
        texts.get("key"),
        flags.getOrDefault("all", false),
        texts.get("to"),
        flags.getOrDefault("outOfOrder", false),
        flags.getOrDefault("preview", false),
        texts.getOrDefault("reason", ""),
        texts.getOrDefault("who", "unknown"));
  }

  private static Kind kind(String word) {
    for (Kind kind : Kind.values()) {
      if (kind.word().equals(word)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("'act' is none of retry, drop, pause, resume, rewind, skip");
  }
}
