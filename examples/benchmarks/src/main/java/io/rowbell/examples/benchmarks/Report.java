package io.rowbell.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A report in Markdown with its pictures beside it, written and printed as it grows. */
final class Report {
  static final String FILE = "benchmarks.md";

  private final Path directory;

  /** Begins a report anew. */
  Report(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
    Files.deleteIfExists(directory.resolve(FILE));
  }

  Path file() {
    return directory.resolve(FILE);
  }

  Report title(String text) throws IOException {
    return add("# " + text + "\n");
  }

  Report heading(String text) throws IOException {
    return add("## " + text + "\n");
  }

  /** A paragraph or a table. */
  Report add(String text) throws IOException {
    System.out.println(text);
    String before = Files.exists(file()) ? Files.readString(file()) : "";
    Files.writeString(file(), before + text + "\n");
    return this;
  }

  /**
   * @param name of its file, without an ending
   */
  Report picture(String name, String alternative, BarChart chart) throws IOException {
    Files.writeString(directory.resolve(name + ".svg"), chart.svg());
    return add("![%s](%s.svg)\n".formatted(alternative, name));
  }
}
