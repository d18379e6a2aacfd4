package io.rowbell.engine.config;

import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/** Finds the files that patterns mean. */
final class RuleFiles {
  /** How deep <code>**</code> looks. */
  private static final int MAX_DEPTH = 16;

  private RuleFiles() {}

  /**
   * @param place where each pattern was written
   * @return the files in the order of the patterns and then of their names, each once; a pattern
   *     that means none is noted
   */
  static List<Path> find(
      Path directory, List<String> patterns, IntFunction<Location> place, Problems problems) {
    Set<Path> files = new LinkedHashSet<>();
    for (int i = 0; i < patterns.size(); i++) {
      String pattern = patterns.get(i);
      try {
        List<Path> found = find(directory, pattern);
        if (found.isEmpty()) {
          problems.error(
              Codes.NO_SUCH_FILE,
              place.apply(i),
              "no file fits '" + pattern + "'",
              "it is looked for in " + directory.toAbsolutePath().normalize());
        }
        files.addAll(found);
      } catch (PatternSyntaxException | InvalidPathException e) {
        problems.error(
            Codes.WRONG_VALUE,
            place.apply(i),
            "'" + pattern + "' is no pattern of files",
            e instanceof PatternSyntaxException syntax
                ? syntax.getDescription()
                : ((InvalidPathException) e).getReason());
      } catch (IOException e) {
        problems.error(
            Codes.NO_SUCH_FILE,
            place.apply(i),
            "the files of '" + pattern + "' cannot be read",
            e.getClass().getSimpleName() + ": " + e.getMessage());
      }
    }
    return new ArrayList<>(files);
  }

  /** The part before the first wildcard is walked, the whole is matched. */
  private static List<Path> find(Path directory, String pattern) throws IOException {
    int wildcard = wildcard(pattern);
    if (wildcard < 0) {
      Path file = directory.resolve(pattern).normalize();
      return Files.isRegularFile(file) ? List.of(file) : List.of();
    }
    int slash = pattern.lastIndexOf('/', wildcard);
    Path root =
        slash < 0 ? directory : directory.resolve(pattern.substring(0, slash + 1)).normalize();
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    String rest = pattern.substring(slash + 1);
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + rest);
    int depth =
        rest.contains("**") ? MAX_DEPTH : 1 + (int) rest.chars().filter(c -> c == '/').count();
    try (Stream<Path> walk = Files.walk(root, depth)) {
      return walk.filter(file -> matcher.matches(root.relativize(file)))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (java.io.UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static int wildcard(String pattern) {
    for (int i = 0; i < pattern.length(); i++) {
      if ("*?[{".indexOf(pattern.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }
}
