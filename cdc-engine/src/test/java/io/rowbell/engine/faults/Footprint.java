package io.rowbell.engine.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much memory a JVM took. */
final class Footprint {
  /** Lets a JVM write a line for each collection. */
  static final String OPTION = "-Xlog:gc";

  private static final Pattern COLLECTED =
      Pattern.compile("\\[gc\\].* Pause Full .* \\d+M->(\\d+)M\\(\\d+M\\)");
  private static final Pattern MOST_RESIDENT = Pattern.compile("VmHWM:\\s+(\\d+) kB");

  private Footprint() {}

  /**
   * The most that was left on the heap by a collection of all of it, in MiB: what was in use, and
   * not only not yet collected. 0 if there was none.
   *
   * @param output what it wrote, by {@link #OPTION}
   */
  static long heapInUse(List<String> output) {
    return output.stream()
        .map(COLLECTED::matcher)
        .filter(Matcher::find)
        .mapToLong(line -> Long.parseLong(line.group(1)))
        .max()
        .orElse(0);
  }

  /** The most memory that a process had, in MiB; 0 where the system does not tell. */
  static long resident(long pid) {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    if (!Files.exists(status)) {
      return 0;
    }
    Matcher most;
    try {
      most = MOST_RESIDENT.matcher(Files.readString(status));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return most.find() ? Long.parseLong(most.group(1)) / 1024 : 0;
  }
}
