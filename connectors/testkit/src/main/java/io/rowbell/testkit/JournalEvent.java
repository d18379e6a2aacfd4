package io.rowbell.testkit;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An event as it lies in a journal, read without Rowbell.
 *
 * @param id the event's id
 * @param type its type
 * @param key its key; null if it has none
 * @param data its data: JSON
 * @param missing the members of the data that PostgreSQL did not log; null if none
 */
public record JournalEvent(
    String id, String type, @Nullable String key, String data, @Nullable String missing) {
  /** One whose data is whole. */
  public JournalEvent(String id, String type, @Nullable String key, String data) {
    this(id, type, key, data, null);
  }

  /**
   * A member of the data that is a number.
   *
   * @throws IllegalArgumentException if there is none
   */
  public long number(String name) {
    return Long.parseLong(member(name, "(-?\\d+)"));
  }

  /**
   * A member of the data that is a text without escapes.
   *
   * @throws IllegalArgumentException if there is none
   */
  public String text(String name) {
    return member(name, "\"([^\"\\\\]*)\"");
  }

  private String member(String name, String value) {
    Matcher member = Pattern.compile("\"" + name + "\"\\s*:\\s*" + value).matcher(data);
    if (!member.find()) {
      throw new IllegalArgumentException("no " + name + " in " + this);
    }
    return member.group(1);
  }
}
