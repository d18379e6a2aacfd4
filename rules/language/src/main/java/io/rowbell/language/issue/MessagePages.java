package io.rowbell.language.issue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What every code means, with an example and what mends it: the sections of {@code
 * docs/messages.md}, which is on the class path. To add a code, add its section there.
 */
public final class MessagePages {
  private static final String RESOURCE = "/io/rowbell/docs/messages.md";
  private static final Pattern SECTION =
      Pattern.compile("(?ms)^## (\\w+)\\n\\n\\*\\*(.*?)\\*\\*\\n(.*?)(?=^## |\\z)");

  private static final Map<String, Page> PAGES = read();

  private MessagePages() {}

  /**
   * A code's section.
   *
   * @param title what the code means, in half a sentence
   * @param text Markdown
   */
  public record Page(String code, String title, String text) {}

  /** Every section by its code, in the page's order. */
  public static Map<String, Page> all() {
    return PAGES;
  }

  /** A code's section, whether its letter is large or small. */
  public static Optional<Page> find(String code) {
    return Optional.ofNullable(PAGES.get(code.toUpperCase(Locale.ROOT)));
  }

  private static Map<String, Page> read() {
    Map<String, Page> pages = new LinkedHashMap<>();
    try (InputStream in = MessagePages.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path");
      }
      Matcher section =
          SECTION.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r", ""));
      while (section.find()) {
        String code = section.group(1);
        if (pages.put(code, new Page(code, section.group(2), section.group(3).strip())) != null) {
          throw new IllegalStateException(code + " has two sections in " + RESOURCE);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return java.util.Collections.unmodifiableMap(pages);
  }
}
