package io.rowbell.engine.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.engine.EventHandler;
import io.rowbell.model.DomainEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Notes key and size of what it is given in a file of its process's directory; takes nothing while
 * another file is there.
 */
public final class GatedHandler implements EventHandler {
  private static final String DELIVERED = "delivered.tsv";
  private static final String CLOSED = "closed";

  /** As the configuration needs it. */
  public GatedHandler() {}

  /** Lets one that runs in a directory take nothing. */
  static void close(Path directory) throws IOException {
    Files.createFile(directory.resolve(CLOSED));
  }

  /** Lets it take everything again. */
  static void open(Path directory) throws IOException {
    Files.delete(directory.resolve(CLOSED));
  }

  @Override
  public void handle(DomainEvent event) throws IOException {
    if (Files.exists(Path.of(CLOSED))) {
      throw new IllegalStateException("not now");
    }
    String data = new String(event.data().bytes(), 0, 40, UTF_8);
    Files.writeString(
        Path.of(DELIVERED),
        "%s\t%s%n".formatted(event.key(), data.substring(0, data.indexOf(','))),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /**
   * What was delivered to one that ran in a directory, in order: key, tab, the data's beginning.
   */
  static List<String> delivered(Path directory) throws IOException {
    Path file = directory.resolve(DELIVERED);
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }
}
