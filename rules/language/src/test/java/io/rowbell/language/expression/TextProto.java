package io.rowbell.language.expression;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** As much of protocol buffers' text format as the conformance cases use. */
final class TextProto {
  private final Map<String, List<Object>> fields = new LinkedHashMap<>();

  static TextProto parse(String text) {
    return new Reader(text).message('\0');
  }

  List<TextProto> messages(String name) {
    return fields.getOrDefault(name, List.of()).stream().map(TextProto.class::cast).toList();
  }

  @Nullable TextProto message(String name) {
    List<TextProto> all = messages(name);
    return all.isEmpty() ? null : all.get(0);
  }

  String text(String name) {
    return text(fields.getOrDefault(name, List.of("")).get(0));
  }

  /** A field's value as text: a word, or bytes in UTF-8. */
  static String text(Object value) {
    return value instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : (String) value;
  }

  /** The first field; a message without any is an empty one of no name. */
  Map.Entry<String, Object> only() {
    return fields.entrySet().stream()
        .findFirst()
        .map(entry -> Map.entry(entry.getKey(), entry.getValue().get(0)))
        .orElse(Map.entry("", ""));
  }

  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    TextProto message(char end) {
      TextProto message = new TextProto();
      for (skip(); at < text.length() && text.charAt(at) != end; skip()) {
        String name = text.charAt(at) == '[' ? bracketed() : word();
        skip();
        if (text.charAt(at) == ':') {
          at++;
          skip();
        }
        List<Object> values = message.fields.computeIfAbsent(name, key -> new ArrayList<>());
        if (text.charAt(at) == '[') {
          at++;
          for (skip(); text.charAt(at) != ']'; skip()) {
            values.add(value());
          }
          at++;
        } else {
          values.add(value());
        }
      }
      at++;
      return message;
    }

    private Object value() {
      char c = text.charAt(at);
      if (c == '{' || c == '<') {
        at++;
        return message(c == '{' ? '}' : '>');
      }
      if (c != '"' && c != '\'') {
        return word();
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (; at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '\''); skip()) {
        quoted(bytes);
      }
      return bytes.toByteArray();
    }

    private void quoted(ByteArrayOutputStream bytes) {
      char quote = text.charAt(at++);
      while (text.charAt(at) != quote) {
        int point = text.codePointAt(at);
        at += Character.charCount(point);
        if (point == '\\') {
          escape(bytes);
        } else {
          bytes.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
        }
      }
      at++;
    }

    private void escape(ByteArrayOutputStream bytes) {
      char c = text.charAt(at++);
      int simple = "abfnrtv".indexOf(c);
      if (simple >= 0) {
        bytes.write("\u0007\b\f\n\r\t\u000b".charAt(simple));
      } else if (c == 'x') {
        bytes.write(Integer.parseInt(text, at, at + 2, 16));
        at += 2;
      } else if (c == 'u' || c == 'U') {
        int digits = c == 'u' ? 4 : 8;
        bytes.writeBytes(
            Character.toString(Integer.parseInt(text, at, at + digits, 16))
                .getBytes(StandardCharsets.UTF_8));
        at += digits;
      } else if (c >= '0' && c <= '7') {
        bytes.write(Integer.parseInt(text, at - 1, at + 2, 8));
        at += 2;
      } else {
        bytes.write(c);
      }
    }

    private String bracketed() {
      int start = at;
      at = text.indexOf(']', at) + 1;
      return text.substring(start, at);
    }

    private String word() {
      int start = at;
      while (at < text.length()
          && (Character.isLetterOrDigit(text.charAt(at)) || "_+-.".indexOf(text.charAt(at)) >= 0)) {
        at++;
      }
      if (at == start) {
        throw new IllegalArgumentException(
            "no word: " + text.substring(start, Math.min(start + 40, text.length())));
      }
      return text.substring(start, at);
    }

    private void skip() {
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == '#') {
          at = Math.max(at, text.indexOf('\n', at));
        } else if (Character.isWhitespace(c) || c == ',' || c == ';') {
          at++;
        } else {
          return;
        }
      }
    }
  }
}
