package io.rowbell.engine.cli;

import io.rowbell.engine.EventHandler;
import io.rowbell.model.DomainEvent;
import io.rowbell.spi.RejectedEventException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;

/**
 * Notes what is delivered in the file {@code delivered}; rejects the keys in the file {@code
 * refused}, and hangs at the data in the file {@code hang}. All in the process's directory.
 */
public final class StubbornHandler implements EventHandler {
  /** As the configuration needs it. */
  public StubbornHandler() {}

  @Override
  public void handle(DomainEvent event)
      throws IOException, RejectedEventException, InterruptedException {
    if (lines("refused").contains("[" + event.key() + "]")) {
      throw new RejectedEventException(event.id(), "this key is not wanted", null);
    }
    if (lines("hang").equals(event.data().toString())) {
      System.out.println("hanging");
      new CountDownLatch(1).await();
    }
    Files.writeString(
        Path.of("delivered"),
        event.id() + " " + event.key() + " " + event.data() + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private static String lines(String file) throws IOException {
    Path path = Path.of(file);
    return Files.exists(path) ? Files.readString(path) : "";
  }
}
