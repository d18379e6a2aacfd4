package io.rowbell.sqlite;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A map of strings as a JSON object, and back: an event's extensions. */
final class StringMapJson {
  private final String text;
  private int at;

  private StringMapJson(String text) {
    this.text = text;
  }

  /** The object, or null for an empty map. */
  static @Nullable String write(Map<String, String> map) {
    if (map.isEmpty()) {
      return null;
    }
    StringBuilder json = new StringBuilder(64);
    char before = '{';
    for (Map.Entry<String, String> entry : map.entrySet()) {
      json.append(before);
      before = ',';
      quote(json, entry.getKey());
      json.append(':');
      quote(json, entry.getValue());
    }
    return json.append('}').toString();
  }

  private static void quote(StringBuilder json, String value) {
    json.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u00").append(c < 16 ? '0' : '1').append("0123456789abcdef".charAt(c & 15));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }

  /**
   * Reads an object of strings.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  static Map<String, String> read(@Nullable String text) {
    return text == null ? Map.of() : new StringMapJson(text).object();
  }

  private Map<String, String> object() {
    Map<String, String> map = new HashMap<>();
    expect('{');
    if (peek() == '}') {
      at++;
      return map;
    }
    while (true) {
      String name = string();
      expect(':');
      map.put(name, string());
      if (peek() == '}') {
        at++;
        return map;
      }
      expect(',');
    }
  }

  private String string() {
    expect('"');
    StringBuilder value = new StringBuilder();
    while (true) {
      char c = next();
      if (c == '"') {
        return value.toString();
      }
      value.append(c == '\\' ? escaped() : c);
    }
  }

  private char escaped() {
    char c = next();
    return switch (c) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        if (at + 4 > text.length()) {
          throw unreadable();
        }
        at += 4;
        yield (char) Integer.parseInt(text, at - 4, at, 16);
      }
      default -> c;
    };
  }

  private char peek() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private void expect(char wanted) {
    if (peek() != wanted) {
      throw unreadable();
    }
    at++;
  }

  private char next() {
    if (at >= text.length()) {
      throw unreadable();
    }
    return text.charAt(at++);
  }

  private IllegalArgumentException unreadable() {
    return new IllegalArgumentException("no JSON object of strings, at character " + at);
  }
}
