package io.rowbell.language.yaml;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Reads one YAML document into nodes that know their places.
 *
 * <p>Whatever the text, the outcome is nodes or issues, never an exception: malformed YAML, YAML
 * that means something else than it says at first sight (a leading {@code !}, a {@code ": "} within
 * an expression), duplicate keys, and anything above the bounds.
 */
public final class YamlReader {
  /** The largest file, in bytes of UTF-8. */
  public static final int MAX_BYTES = 1 << 20;

  /** The deepest nesting. */
  public static final int MAX_DEPTH = 32;

  /** The most mappings, lists and scalars in one file. */
  public static final int MAX_NODES = 50_000;

  /** How many values that YAML misreads are passed over, so that one run shows them all. */
  private static final int MAX_TRAPS = 20;

  private YamlReader() {}

  /**
   * @param file the name that messages show
   * @param text the file's text
   * @param problems where issues go
   * @return the document, or null if it cannot be read. If issues were noted and a document is
   *     still given, what they are about is {@linkplain YamlScalar#isBroken broken} in it or left
   *     out, so that the rest can be checked too
   */
  public static @Nullable YamlNode read(String file, String text, Problems problems) {
    SourceText source = new SourceText(file, text.startsWith("\uFEFF") ? text.substring(1) : text);
    if (tooLarge(source, problems) || unprintable(source, problems)) {
      return null;
    }
    Set<Integer> broken = new HashSet<>();
    String parsed = source.text();
    while (true) {
      try {
        return new NodeBuilder(source, broken, problems).read(parse(parsed));
      } catch (YamlEngineException e) {
        YamlTrap trap = YamlTrap.find(source, e, broken);
        if (trap == null) {
          // After a value was passed over, what follows may only be its remains.
          if (broken.isEmpty()) {
            notYaml(source, e, problems);
          }
          return null;
        }
        trap.report(source, problems);
        parsed = trap.blank(parsed);
        broken.add(trap.start());
        if (broken.size() == MAX_TRAPS) {
          return null;
        }
      }
    }
  }

  private static Iterable<org.snakeyaml.engine.v2.events.Event> parse(String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setUseMarks(true)
            .setParseComments(false)
            .setCodePointLimit(MAX_BYTES + 1)
            .build();
    return new Parse(settings).parseString(text);
  }

  private static boolean tooLarge(SourceText source, Problems problems) {
    if (source.text().getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES) {
      return false;
    }
    problems.error(
        Codes.LIMIT,
        source.start(),
        "the file is larger than " + MAX_BYTES + " bytes",
        "split it into several files");
    return true;
  }

  private static boolean unprintable(SourceText source, Problems problems) {
    String text = source.text();
    for (int at = 0; at < text.length(); ) {
      int codePoint = text.codePointAt(at);
      if (!StreamReader.isPrintable(codePoint)) {
        problems.error(
            Codes.NOT_YAML,
            source.at(at),
            String.format("the character U+%04X may not stand in YAML", codePoint),
            "remove it, or write it as an escape between double quotes");
        return true;
      }
      at += Character.charCount(codePoint);
    }
    return false;
  }

  private static void notYaml(SourceText source, YamlEngineException e, Problems problems) {
    Optional<Mark> mark =
        e instanceof MarkedYamlEngineException marked ? marked.getProblemMark() : Optional.empty();
    String problem =
        e instanceof MarkedYamlEngineException marked ? marked.getProblem() : e.getMessage();
    boolean tab = problem.contains("(TAB)");
    problems.error(
        Codes.NOT_YAML,
        mark.map(place -> source.at(source.offset(place.getIndex()))).orElse(source.start()),
        tab
            ? "YAML takes no tab for indentation"
            : "this is no YAML: " + problem.replaceAll("\\p{Cntrl}", ""),
        tab
            ? "indent with spaces"
            : "check the indentation and the quotes of this line and of the one before it");
  }
}
