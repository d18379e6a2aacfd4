package io.rowbell.engine.config;

import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Loads classes from the jars of a directory, after those of the class path. */
final class Plugins {
  private Plugins() {}

  /**
   * @param directory where the jars lie
   * @param named whether the user named it; then it is noted if it is not there
   * @return a loader for the whole life of the pipeline; never closed
   */
  static ClassLoader loader(Path directory, boolean named, Location place, Problems problems) {
    ClassLoader own = Plugins.class.getClassLoader();
    if (!Files.isDirectory(directory)) {
      if (named) {
        problems.error(
            Codes.NO_SUCH_FILE,
            place,
            "there is no directory '" + directory + "'",
            "make it, or leave 'plugins' out");
      }
      return own;
    }
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
      if (jars.isEmpty()) {
        return own;
      }
      URL[] urls = new URL[jars.size()];
      for (int i = 0; i < urls.length; i++) {
        urls[i] = url(jars.get(i));
      }
      return new URLClassLoader("plugins", urls, own);
    } catch (IOException e) {
      problems.error(
          Codes.NO_SUCH_FILE,
          place,
          "the directory '" + directory + "' cannot be read",
          e.getClass().getSimpleName() + ": " + e.getMessage());
      return own;
    }
  }

  private static URL url(Path jar) throws MalformedURLException {
    return jar.toAbsolutePath().toUri().toURL();
  }
}
