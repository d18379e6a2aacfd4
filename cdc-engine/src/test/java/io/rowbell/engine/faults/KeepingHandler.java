package io.rowbell.engine.faults;

import io.rowbell.engine.EventHandler;
import io.rowbell.model.DomainEvent;
import io.rowbell.testkit.JournalEvent;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Keeps what it is given in a file of its process's directory. */
public final class KeepingHandler implements EventHandler {
  private static final String FILE = "delivered.tsv";

  private final BufferedWriter out;

  /** As the configuration needs it. */
  public KeepingHandler() throws IOException {
    out =
        Files.newBufferedWriter(
            Path.of(FILE), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Override
  public void handle(DomainEvent event) throws IOException {
    String data = new String(event.data().bytes(), StandardCharsets.UTF_8);
    out.write(String.join("\t", event.id().toString(), event.type(), event.key(), data) + "\n");
    out.flush();
  }

  /** What was delivered to one that ran in a directory, in order. */
  static List<JournalEvent> delivered(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    return Files.exists(file)
        ? Files.readAllLines(file).stream()
            .map(line -> line.split("\t", -1))
            .map(part -> new JournalEvent(part[0], part[1], part[2], part[3]))
            .toList()
        : List.of();
  }
}
