package io.rowbell.language.yaml;

import io.rowbell.language.issue.Location;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A file's text, its lines, and offsets both in characters and in the parser's code points. */
final class SourceText {
  private final String file;
  private final String text;
  private final int[] lineStarts;
  private final @Nullable String[] lines;
  // Character offsets by code point; null while the two are the same.
  private final int @Nullable [] codePointOffsets;

  SourceText(String file, String text) {
    this.file = file;
    this.text = text;
    this.lineStarts = lineStarts(text);
    this.lines = new @Nullable String[lineStarts.length];
    int codePoints = text.codePointCount(0, text.length());
    if (codePoints == text.length()) {
      codePointOffsets = null;
    } else {
      int[] offsets = new int[codePoints + 1];
      for (int i = 0, at = 0; i < codePoints; i++) {
        offsets[i] = at;
        at += Character.charCount(text.codePointAt(at));
      }
      offsets[codePoints] = text.length();
      codePointOffsets = offsets;
    }
  }

  private static int[] lineStarts(String text) {
    int[] starts = new int[16];
    int count = 1;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean ends =
          c == '\n' || (c == '\r' && (i + 1 == text.length() || text.charAt(i + 1) != '\n'));
      if (ends) {
        if (count == starts.length) {
          starts = Arrays.copyOf(starts, count * 2);
        }
        starts[count++] = i + 1;
      }
    }
    return Arrays.copyOf(starts, count);
  }

  String file() {
    return file;
  }

  String text() {
    return text;
  }

  /** The character offset of the parser's code point index. */
  int offset(int codePoint) {
    return codePointOffsets == null
        ? Math.min(codePoint, text.length())
        : codePointOffsets[Math.min(codePoint, codePointOffsets.length - 1)];
  }

  /** The line of an offset, from 0. */
  int line(int offset) {
    int found = Arrays.binarySearch(lineStarts, offset);
    return found >= 0 ? found : -found - 2;
  }

  int lineStart(int line) {
    return lineStarts[line];
  }

  /** A line without its end. */
  String lineText(int line) {
    String known = lines[line];
    if (known == null) {
      int end = line + 1 < lineStarts.length ? lineStarts[line + 1] : text.length();
      while (end > lineStarts[line]
          && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
        end--;
      }
      known = text.substring(lineStarts[line], end);
      lines[line] = known;
    }
    return known;
  }

  /** The beginning of the file, its line cut to what a message can show. */
  Location start() {
    String line = lineText(0);
    return new Location(file, 1, 1, line.substring(0, Math.min(line.length(), 120)));
  }

  Location at(int offset) {
    int line = line(offset);
    return new Location(file, line + 1, offset - lineStarts[line] + 1, lineText(line));
  }
}
