package io.rowbell.engine.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What {@code class-archive} lets Java 25 and newer observe, to archive it: every class that an
 * engine loads, and, of what a start's time goes into, all that needs no database: a command is
 * read, rules are compiled and asked.
 */
final class TrainingRun {
  private TrainingRun() {}

  /**
   * Runs a command and ends the process.
   *
   * @param args a file with the names of classes, as Java lists them; then the command
   */
  public static void main(String[] args) throws IOException {
    for (String line : Files.readAllLines(Path.of(args[0]), StandardCharsets.UTF_8)) {
      load(line.replace('/', '.'));
    }
    Main.main(Arrays.copyOfRange(args, 1, args.length));
  }

  private static void load(String name) {
    try {
      Class.forName(name, false, TrainingRun.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      // Another Java's, or of what this distribution leaves out: then it is not archived.
    }
  }
}
