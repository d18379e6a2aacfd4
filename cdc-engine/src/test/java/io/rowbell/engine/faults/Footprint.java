package io.rowbell.engine.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much memory a JVM took. */
final class Footprint {
  /** Lets a JVM write a line for each collection. */
  static final String OPTION = "-Xlog:gc";

  private static final Pattern COLLECTED = Pattern.compile("\\[gc\\].* \\d+M->(\\d+)M\\(\\d+M\\)");
  private static final Pattern MOST_RESIDENT = Pattern.compile("VmHWM:\\s+(\\d+) kB");

  private Footprint() {}

  /**
   * The most that was left on the heap by a collection, in MiB: what was in use, and not only not
   * yet collected.
   *
   * @param output what it wrote, by {@link #OPTION}
   */
  static long heapInUse(List<String> output) {
    return output.stream()
        .map(COLLECTED::matcher)
        .filter(Matcher::find)
        .mapToLong(line -> Long.parseLong(line.group(1)))
        .max()
        .orElseThrow(() -> new IllegalStateException("it never collected"));
  }

  /** The most memory that a process had, in MiB; empty where the system does not tell. */
  static OptionalLong resident(long pid) throws IOException {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    if (!Files.exists(status)) {
      return OptionalLong.empty();
    }
    Matcher most = MOST_RESIDENT.matcher(Files.readString(status));
    return most.find()
        ? OptionalLong.of(Long.parseLong(most.group(1)) / 1024)
        : OptionalLong.empty();
  }
}
