package io.rowbell.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A disk of a few megabytes, in memory, that can be filled to its last byte and freed again. Linux
 * lets root mount one, and nobody else.
 *
 * <pre>{@code
 * try (SmallDisk disk = SmallDisk.mount(directory, 6 << 20).orElseThrow(() -> skipped)) {
 *   disk.fill();
 * }
 * }</pre>
 */
public final class SmallDisk implements AutoCloseable {
  private final Path path;

  private SmallDisk(Path path) {
    this.path = path;
  }

  /**
   * Mounts one.
   *
   * @param path its directory, made if there is none
   * @return empty if this user may not
   */
  public static Optional<SmallDisk> mount(Path path, int bytes) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ran(List.of("mount", "-t", "tmpfs", "-o", "size=" + bytes, "tmpfs", path.toString()))
        ? Optional.of(new SmallDisk(path))
        : Optional.empty();
  }

  private static boolean ran(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException absent) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + command.get(0) + " ran", e);
    }
  }

  /** Its directory. */
  public Path path() {
    return path;
  }

  /** Takes all the room that is left. */
  public void fill() {
    byte[] page = new byte[4_096];
    try (OutputStream out = Files.newOutputStream(filler())) {
      while (true) {
        out.write(page);
      }
    } catch (IOException full) {
      // There is no other end.
    }
  }

  /** Gives back what {@link #fill} took. */
  public void free() {
    try {
      Files.delete(filler());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path filler() {
    return path.resolve("filler");
  }

  /** Unmounts it, with all that it holds. */
  @Override
  public void close() {
    if (!ran(List.of("umount", "--lazy", path.toString()))) {
      throw new IllegalStateException(path + " could not be unmounted");
    }
  }
}
