package io.rowbell.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads back what {@link io.rowbell.spi.CloudEventJson} wrote into a dead letter: the very same
 * event.
 */
final class CloudEventReader {
  private static final JsonFactory JSON = new JsonFactory();

  private CloudEventReader() {}

  /**
   * The event that a subscriber's dead letter holds.
   *
   * @throws IllegalArgumentException if it holds none: it was too large to be kept, say
   */
  static DomainEvent read(DeadLetter letter) {
    Map<String, String> attributes = new HashMap<>();
    String text = letter.payload().toString();
    String data = null;
    try (JsonParser json = JSON.createParser(text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("its payload is no event");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        if (name.equals("data")) {
          // As it was written, to the letter: numbers are not to be read and written again.
          int start = (int) json.currentTokenLocation().getCharOffset();
          json.skipChildren();
          json.finishToken();
          data = text.substring(start, (int) json.currentLocation().getCharOffset());
        } else {
          attributes.put(name, json.getText());
        }
      }
      if (data == null) {
        throw new IllegalArgumentException("its payload is not kept");
      }
      EventId id = EventId.parse(take(attributes, "id"));
      String source = take(attributes, "source");
      String type = take(attributes, "type");
      int version = Integer.parseInt(take(attributes, "dataversion"));
      Instant time = Instant.parse(take(attributes, "time"));
      attributes.remove("specversion");
      attributes.remove("subject");
      attributes.remove("datacontenttype");
      return new DomainEvent(
          id,
          source,
          type,
          version,
          letter.key(),
          time,
          letter.topic(),
          attributes,
          EventData.ofJson(data));
    } catch (IOException | DateTimeException e) {
      throw new IllegalArgumentException("its payload is no event", e);
    }
  }

  private static String take(Map<String, String> attributes, String name) {
    @Nullable String value = attributes.remove(name);
    if (value == null) {
      throw new IllegalArgumentException("its payload is no event: it has no " + name);
    }
    return value;
  }
}
