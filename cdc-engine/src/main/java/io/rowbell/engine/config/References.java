package io.rowbell.engine.config;

import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.issue.Text;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a value refers to: <code>${env:NAME}</code>, <code>${env:NAME:-default}</code> and <code>
 * ${file:PATH}</code>; <code>$${</code> is a literal <code>${</code>.
 *
 * <p>A default counts if the variable is not set or empty. Of a file, one line end at its end is
 * dropped. What a reference gives is not looked through for further references.
 */
final class References {
  /** The largest file that a value may refer to, in bytes. */
  static final int MAX_FILE_BYTES = 1 << 20;

  private static final Pattern VARIABLE = Pattern.compile("(?<!\\$)\\$\\{env:(\\w+)");

  private final Map<String, String> environment;
  private final Path directory;
  private final Problems problems;

  /**
   * @param directory what files are relative to
   */
  References(Map<String, String> environment, Path directory, Problems problems) {
    this.environment = environment;
    this.directory = directory;
    this.problems = problems;
  }

  /**
   * A value with its references replaced.
   *
   * @param value null if one of them could not be
   * @param referenced whether there was any
   */
  record Resolved(@Nullable String value, boolean referenced) {}

  /** The variables that a file refers to anywhere, also in values that are not in use. */
  static Set<String> variables(String file) {
    return VARIABLE
        .matcher(file)
        .results()
        .map(reference -> reference.group(1))
        .collect(Collectors.toSet());
  }

  /** Replaces references; notes each that cannot be. */
  Resolved resolve(Text text) {
    String written = text.value();
    StringBuilder value = new StringBuilder();
    boolean complete = true;
    boolean referenced = false;
    int at = 0;
    while (true) {
      int dollar = written.indexOf("${", at);
      if (dollar < 0) {
        value.append(written, at, written.length());
        return new Resolved(complete ? value.toString() : null, referenced);
      }
      if (dollar > at && written.charAt(dollar - 1) == '$') {
        value.append(written, at, dollar - 1).append("${");
        at = dollar + 2;
        continue;
      }
      value.append(written, at, dollar);
      referenced = true;
      int close = written.indexOf('}', dollar);
      if (close < 0) {
        error(text, dollar, "this reference has no end", "close it with '}', or write $${");
        return new Resolved(null, true);
      }
      String found = look(text, dollar, written.substring(dollar + 2, close));
      if (found == null) {
        complete = false;
      } else {
        value.append(found);
      }
      at = close + 1;
    }
  }

  /** The same later: a file may have been written anew. Empty if a reference cannot be replaced. */
  Optional<String> resolveAgain(Text text) {
    return Optional.ofNullable(
        new References(environment, directory, new Problems()).resolve(text).value());
  }

  private @Nullable String look(Text text, int offset, String reference) {
    int colon = reference.indexOf(':');
    String kind = colon < 0 ? reference : reference.substring(0, colon);
    String name = colon < 0 ? "" : reference.substring(colon + 1);
    if (colon >= 0 && kind.equals("env")) {
      return variable(text, offset, name);
    }
    if (colon >= 0 && kind.equals("file")) {
      return file(text, offset, name);
    }
    error(
        text,
        offset,
        "'${" + reference + "}' is no reference",
        "write ${env:NAME} or ${file:PATH}; a literal ${ is written $${");
    return null;
  }

  private @Nullable String variable(Text text, int offset, String reference) {
    int otherwise = reference.indexOf(":-");
    String name = otherwise < 0 ? reference : reference.substring(0, otherwise);
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      error(
          text,
          offset,
          "'" + name + "' is no name of a variable",
          "write ${env:NAME} or ${env:NAME:-default}");
      return null;
    }
    String value = environment.get(name);
    if (otherwise >= 0) {
      return value == null || value.isEmpty() ? reference.substring(otherwise + 2) : value;
    }
    if (value == null) {
      String help = "set it, or give a default: ${env:" + name + ":-default}";
      error(
          text,
          offset,
          "the environment has no variable '" + name + "'",
          Suggestions.didYouMean(name, environment.keySet()).orElse(help));
    }
    return value;
  }

  private @Nullable String file(Text text, int offset, String name) {
    try {
      Path path = directory.resolve(name);
      byte[] bytes;
      try (InputStream in = Files.newInputStream(path)) {
        bytes = in.readNBytes(MAX_FILE_BYTES + 1);
      }
      if (bytes.length > MAX_FILE_BYTES) {
        error(text, offset, "the file '" + name + "' is larger than 1MiB", null);
        return null;
      }
      String content =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return content.endsWith("\r\n")
          ? content.substring(0, content.length() - 2)
          : content.endsWith("\n") ? content.substring(0, content.length() - 1) : content;
    } catch (InvalidPathException e) {
      error(text, offset, "'" + name + "' is no path of a file", e.getReason());
    } catch (NoSuchFileException e) {
      error(
          text,
          offset,
          "there is no file '" + name + "'",
          "it is looked for at " + directory.resolve(name).toAbsolutePath().normalize());
    } catch (CharacterCodingException e) {
      error(text, offset, "the file '" + name + "' is not text in UTF-8", null);
    } catch (IOException e) {
      boolean directoryGiven = Files.isDirectory(directory.resolve(name));
      error(
          text,
          offset,
          directoryGiven
              ? "'" + name + "' is a directory, not a file"
              : "the file '" + name + "' cannot be read",
          directoryGiven
              ? null
              : "check that this user may read it (" + e.getClass().getSimpleName() + ")");
    }
    return null;
  }

  private void error(Text text, int offset, String message, @Nullable String help) {
    problems.error(Codes.BAD_REFERENCE, text.at(offset), message, help);
  }
}
