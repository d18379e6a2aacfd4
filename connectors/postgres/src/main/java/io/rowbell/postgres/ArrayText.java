package io.rowbell.postgres;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads arrays as {@code array_out} prints them: {@code {1,NULL,{"a b","say \"x\""}}}, nested by
 * dimension, with the bounds {@code [2:3]=} in front if they are not the usual ones. The bounds are
 * not kept: a list counts from its own beginning.
 *
 * <p>An element that is an array by its own type (a domain over an array) is printed in quotes, so
 * it is never taken for a dimension.
 */
final class ArrayText {
  private static final String NO_ARRAY = "the text is no array";

  private final String text;
  private final char delimiter;
  private final TextDecoder element;
  private int at;

  private ArrayText(String text, char delimiter, TextDecoder element) {
    this.text = text;
    this.delimiter = delimiter;
    this.element = element;
  }

  /**
   * @param element reads one element
   * @param delimiter what stands between elements: a semicolon for {@code box}, else a comma
   */
  static TextDecoder of(TextDecoder element, char delimiter) {
    return text -> new ArrayText(text, delimiter, element).whole();
  }

  private List<@Nullable Object> whole() {
    try {
      if (text.charAt(0) == '[') {
        at = text.indexOf('=') + 1;
      }
      List<@Nullable Object> list = list();
      if (at != text.length()) {
        throw new IllegalArgumentException(NO_ARRAY);
      }
      return list;
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(NO_ARRAY);
    }
  }

  private List<@Nullable Object> list() {
    expect('{');
    List<@Nullable Object> list = new ArrayList<>();
    if (text.charAt(at) == '}') {
      at++;
      return Collections.unmodifiableList(list);
    }
    while (true) {
      list.add(item());
      if (text.charAt(at) == '}') {
        at++;
        return Collections.unmodifiableList(list);
      }
      expect(delimiter);
    }
  }

  private @Nullable Object item() {
    char first = text.charAt(at);
    if (first == '{') {
      return list();
    }
    if (first == '"') {
      return element.decode(quoted());
    }
    int start = at;
    while (text.charAt(at) != delimiter && text.charAt(at) != '}') {
      at++;
    }
    String plain = text.substring(start, at);
    return plain.equals("NULL") ? null : element.decode(plain);
  }

  private String quoted() {
    int start = ++at;
    int end = start;
    while (text.charAt(end) != '"' && text.charAt(end) != '\\') {
      end++;
    }
    if (text.charAt(end) == '"') {
      at = end + 1;
      return text.substring(start, end);
    }
    StringBuilder plain = new StringBuilder();
    for (at = start; text.charAt(at) != '"'; at++) {
      if (text.charAt(at) == '\\') {
        at++;
      }
      plain.append(text.charAt(at));
    }
    at++;
    return plain.toString();
  }

  private void expect(char wanted) {
    if (text.charAt(at) != wanted) {
      throw new IllegalArgumentException(NO_ARRAY);
    }
    at++;
  }
}
