package io.rowbell.language.expression;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.rowbell.model.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reading of JSON text without building more of it than is asked for.
 *
 * <p>A JSON value is a String, a Boolean, null, or a {@link Json} with the text of a number, an
 * object or an array.
 */
public final class JsonText {
  /** What {@link #find} answers where there is nothing, as against JSON's null. */
  static final Object MISSING = new Object();

  private static final int MAX_DEPTH = 1000;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          // PostgreSQL has read the text already: its limits are those of one column's value.
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(200_000)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          // Names are data here: keeping each for ever would be a leak.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private JsonText() {}

  /**
   * The value at a path.
   *
   * @param path Strings for members, Longs for elements
   * @return the value, or {@link #MISSING}
   * @throws EvaluationException with X405 if the text is no JSON
   */
  static @Nullable Object find(String text, List<Object> path) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      JsonToken token = parser.nextToken();
      for (Object step : path) {
        boolean found =
            step instanceof String name
                ? token == JsonToken.START_OBJECT && toMember(parser, name)
                : token == JsonToken.START_ARRAY && toElement(parser, (Long) step);
        if (!found) {
          return MISSING;
        }
        token = parser.currentToken();
      }
      return value(parser, text);
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  /** The value of a text: {@link Json} stays for numbers, objects and arrays only. */
  static @Nullable Object scalar(Json json) {
    String text = json.text();
    int start = 0;
    while (start < text.length() && text.charAt(start) <= ' ') {
      start++;
    }
    char first = start < text.length() ? text.charAt(start) : ' ';
    return first == '{' || first == '[' || first == '-' || (first >= '0' && first <= '9')
        ? json
        : find(text, List.of());
  }

  /** Whether the text is a number. */
  static boolean isNumber(Json json) {
    String text = json.text().strip();
    return !text.isEmpty() && (text.charAt(0) == '-' || Character.isDigit(text.charAt(0)));
  }

  /**
   * An array's elements.
   *
   * @throws EvaluationException with X408 if it is no array
   */
  static List<@Nullable Object> elements(String text) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new EvaluationException("X408", "the JSON value is no array");
      }
      List<@Nullable Object> elements = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        elements.add(value(parser, text));
      }
      return elements;
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  /**
   * The whole document as Lists, Maps, Strings, Booleans, nulls and Jsons of one number each.
   *
   * @throws EvaluationException with X405 if the text is no JSON
   */
  public static @Nullable Object tree(String text) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      parser.nextToken();
      Object tree = tree(parser);
      if (parser.nextToken() != null) {
        throw new EvaluationException("X405", "the text is no JSON");
      }
      return tree;
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  private static @Nullable Object tree(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_ARRAY) {
      List<@Nullable Object> list = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(tree(parser));
      }
      return list;
    }
    if (token == JsonToken.START_OBJECT) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        map.put(name, tree(parser));
      }
      return map;
    }
    return scalar(parser);
  }

  private static boolean toMember(JsonParser parser, String name) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean same = parser.currentName().equals(name);
      parser.nextToken();
      if (same) {
        return true;
      }
      parser.skipChildren();
    }
    return false;
  }

  private static boolean toElement(JsonParser parser, long index) throws IOException {
    for (long i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
      if (i == index) {
        return true;
      }
      parser.skipChildren();
    }
    return false;
  }

  private static @Nullable Object value(JsonParser parser, String text) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
      long start = parser.currentTokenLocation().getCharOffset();
      parser.skipChildren();
      long end = parser.currentLocation().getCharOffset();
      return new Json(text.substring((int) start, (int) end));
    }
    return scalar(parser);
  }

  private static @Nullable Object scalar(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw new EvaluationException("X405", "the text is no JSON");
    }
    return switch (token) {
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Json(parser.getText());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new EvaluationException("X405", "the text is no JSON");
    };
  }

  /** The cause's message quotes the document, so it is left behind. */
  private static EvaluationException notJson(IOException cause) {
    return new EvaluationException(
        "X405",
        cause instanceof com.fasterxml.jackson.core.exc.StreamConstraintsException
            ? "the JSON is nested deeper than " + MAX_DEPTH + " or holds too long a number"
            : "the text is no JSON");
  }
}
