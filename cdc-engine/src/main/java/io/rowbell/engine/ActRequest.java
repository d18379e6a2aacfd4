package io.rowbell.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
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
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final Set<String> TEXTS =
      Set.of("act", "subscriber", "key", "to", "reason", "who");
  private static final Set<String> FLAGS = Set.of("all", "outOfOrder", "preview");
  private static final String IDS = "ids";

  /** What can be done. */
  public enum Kind {
    RETRY,
    DROP,
    PAUSE,
    RESUME,
    REWIND,
    SKIP,
    FORGET;

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
      json.writeArrayFieldStart(IDS);
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
   * Reads {@link #json} back; what is not understood is refused, not left out.
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
        json.nextToken();
        if (TEXTS.contains(name)) {
          texts.put(name, text(name, json));
        } else if (FLAGS.contains(name)) {
          flags.put(name, flag(name, json));
        } else if (name.equals(IDS)) {
          readIds(json, ids);
        } else {
          throw new IllegalArgumentException("there is no field '" + name + "'");
        }
      }
      if (json.nextToken() != null) {
        throw new IllegalArgumentException("something follows the JSON object");
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("not JSON, or with a field twice", e);
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

  private static String text(String name, JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw new IllegalArgumentException("'" + name + "' is no string");
    }
    return json.getText();
  }

  private static boolean flag(String name, JsonParser json) {
    return switch (json.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw new IllegalArgumentException("'" + name + "' is neither true nor false");
    };
  }

  private static void readIds(JsonParser json, List<String> ids) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new IllegalArgumentException("'" + IDS + "' is no array");
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      ids.add(text(IDS, json));
    }
  }

  private static Kind kind(String word) {
    for (Kind kind : Kind.values()) {
      if (kind.word().equals(word)) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "'act' is none of "
            + Arrays.stream(Kind.values()).map(Kind::word).collect(Collectors.joining(", ")));
  }
}
