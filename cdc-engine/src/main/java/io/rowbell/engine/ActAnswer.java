package io.rowbell.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Objects;

/**
 * What became of an {@link ActRequest}.
 *
 * @param done whether it was carried out, or would be if it is a preview; if not, nothing was
 * @param text what was done, or why not and what to do, for people
 */
public record ActAnswer(boolean done, String text) {
  private static final JsonFactory JSON = new JsonFactory();

  public ActAnswer {
    Objects.requireNonNull(text, "text");
  }

  static ActAnswer done(String text) {
    return new ActAnswer(true, text);
  }

  static ActAnswer refused(String text) {
    return new ActAnswer(false, text);
  }

  /** As one JSON object on a line. */
  public String json() {
    StringWriter written = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(written)) {
      json.writeStartObject();
      json.writeBooleanField("done", done);
      json.writeStringField("text", text);
      json.writeEndObject();
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
  public static ActAnswer parse(String written) {
    boolean done = false;
    String text = null;
    try (JsonParser json = JSON.createParser(written)) {
      while (json.nextToken() != null) {
        if (json.currentToken() == JsonToken.VALUE_TRUE && "done".equals(json.currentName())) {
          done = true;
        } else if (json.currentToken() == JsonToken.VALUE_STRING
            && "text".equals(json.currentName())) {
          text = json.getText();
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("this is no answer: " + written, e);
    }
    if (text == null) {
      throw new IllegalArgumentException("this is no answer: " + written);
    }
    return new ActAnswer(done, text);
  }
}
