package io.rowbell.testkit;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An archive of the classes that a JVM loads when it starts: it maps them in place of reading,
 * parsing and verifying one after the other, which is a good part of what a short process does.
 *
 * <p>There is one where {@value #LIST}, a system property, names a file that lists the classes. It
 * is made in {@code target} by the first test that starts a JVM, for this Java and these jars; the
 * others wait for it. Where it cannot be made, and for any other Java or jars, there is none.
 *
 * @param classPath the class path to use with it: what is archived are classes of jars, so these
 *     come first
 * @param options of the JVM; none if there is no archive
 */
record ClassArchive(String classPath, List<String> options) {
  /** The system property that names the list. */
  static final String LIST = "rowbell.testkit.class-list";

  private static final String PREFIX = "class-archive-";
  private static final long PATIENCE_SECONDS = 120;

  ClassArchive {
    options = List.copyOf(options);
  }

  /** The one of this JVM's class path, made when it is first asked for. */
  private static final class OfThisJvm {
    static final ClassArchive ARCHIVE =
        of(classPathOfThisJvm(), System.getProperty(LIST, ""), Path.of("target"));
  }

  static ClassArchive ofThisJvm() {
    return OfThisJvm.ARCHIVE;
  }

  /** Surefire and Failsafe hide the real one behind a jar with a manifest. */
  private static String classPathOfThisJvm() {
    String underSurefire = System.getProperty("surefire.test.class.path");
    return underSurefire != null ? underSurefire : System.getProperty("java.class.path");
  }

  /**
   * @param list the file that lists the classes; empty if there is none
   * @param directory where archives are kept
   */
  static ClassArchive of(String classPath, String list, Path directory) {
    if (list.isEmpty() || !Files.isReadable(Path.of(list)) || !Files.isDirectory(directory)) {
      return new ClassArchive(classPath, List.of());
    }
    List<String> jars = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      (Files.isRegularFile(Path.of(entry)) ? jars : others).add(entry);
    }
    String archived = String.join(File.pathSeparator, jars);
    try {
      Path archive = directory.toAbsolutePath().resolve(name(jars, list));
      if (!made(directory, archive, archived, list)) {
        return new ClassArchive(classPath, List.of());
      }
      jars.addAll(others);
      return new ClassArchive(
          String.join(File.pathSeparator, jars),
          List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds*=off"));
    } catch (IOException e) {
      return new ClassArchive(classPath, List.of());
    }
  }

  /** Another one for each Java, list and set of jars. */
  private static String name(List<String> jars, String list) throws IOException {
    StringBuilder all = new StringBuilder(System.getProperty("java.vm.version"));
    all.append(System.getProperty("java.home"));
    List<String> files = new ArrayList<>(jars);
    files.add(list);
    for (String file : files) {
      Path path = Path.of(file);
      all.append(file).append(Files.size(path)).append(Files.getLastModifiedTime(path));
    }
    return PREFIX + Integer.toHexString(all.toString().hashCode());
  }

  private static boolean made(Path directory, Path archive, String jars, String list)
      throws IOException {
    try (FileChannel lockFile =
            FileChannel.open(
                directory.resolve("class-archive.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        var lock = lockFile.lock()) {
      if (lock.isValid() && !Files.exists(archive)) {
        removeThoseOfBefore(directory);
        make(archive, jars, list);
      }
    }
    return Files.exists(archive);
  }

  /** Each build has other jars. */
  private static void removeThoseOfBefore(Path directory) throws IOException {
    try (DirectoryStream<Path> old = Files.newDirectoryStream(directory, PREFIX + "*")) {
      for (Path archive : old) {
        Files.deleteIfExists(archive);
      }
    }
  }

  /** Complete or not at all: Java 17 crashes on one that was cut off. */
  private static void make(Path archive, String jars, String list) throws IOException {
    Path unfinished = archive.resolveSibling(archive.getFileName() + ".unfinished");
    ProcessBuilder dump =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:dump",
                "-XX:SharedClassListFile=" + list,
                "-XX:SharedArchiveFile=" + unfinished)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    dump.environment().put("CLASSPATH", jars);
    Process process = dump.start();
    try {
      if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0) {
        Files.move(unfinished, archive, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(unfinished);
    }
  }
}
