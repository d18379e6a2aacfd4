package io.rowbell.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * One line for each fault case, in a table that people read: {@code target/fault-report.md} of the
 * module.
 */
public final class FaultReport {
  private static final Path FILE = Path.of("target", "fault-report.md");
  private static final Path FIGURES = Path.of("target", "fault-figures.md");
  private static final String HEAD =
      """
      | case | journal | seed | faults | committed transactions | events expected | found | duplicates | recovery p50 | p99 | verdict |
      |---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|
      """;

  private FaultReport() {}

  /**
   * Adds a line.
   *
   * @param name the case, for example {@code F01}
   * @param journal which journal
   * @param seed what repeats it
   * @param faults how many were injected
   * @param commits how many transactions were committed meanwhile
   * @param recoveries how long it took after each fault until changes arrived again
   */
  public static synchronized void add(
      String name,
      String journal,
      long seed,
      long faults,
      long commits,
      Verdict verdict,
      List<Duration> recoveries) {
    List<Duration> sorted = recoveries.stream().sorted().toList();
    String line =
        "| %s | %s | %d | %d | %d | %d | %d | %d | %s | %s | %s |%n"
            .formatted(
                name,
                journal,
                seed,
                faults,
                commits,
                verdict.expected(),
                verdict.found(),
                verdict.duplicates(),
                percentile(sorted, 50),
                percentile(sorted, 99),
                verdict.violations().isEmpty() ? "kept" : "BROKEN");
    append(FILE, HEAD, line);
  }

  /** Adds what a case measured, one line of text, to {@code target/fault-figures.md}. */
  public static synchronized void figures(String text) {
    append(FIGURES, "", "- " + text + "\n");
  }

  private static void append(Path file, String head, String line) {
    try {
      Files.createDirectories(file.getParent());
      begin(file, head);
      Files.writeString(file, line, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Another process may do the same at this moment. */
  private static void begin(Path file, String head) throws IOException {
    if (!Files.exists(file)) {
      try {
        Files.writeString(file, head, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
      } catch (FileAlreadyExistsException e) {
        // It has the head.
      }
    }
  }

  private static String percentile(List<Duration> sorted, int percent) {
    return sorted.isEmpty()
        ? "–"
        : Stream.of(sorted.get((sorted.size() * percent - 1) / 100))
            .map(time -> String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0))
            .findFirst()
            .orElseThrow();
  }
}
