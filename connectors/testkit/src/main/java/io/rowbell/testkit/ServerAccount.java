package io.rowbell.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The account that PostgreSQL runs under: it refuses to run as root. Then it runs in a user
 * namespace of its own, or as nobody where namespaces are forbidden, as in most containers.
 */
enum ServerAccount {
  OURS(""),
  NAMESPACE("unshare --user"),
  NOBODY("setpriv --reuid=65534 --regid=65534 --clear-groups");

  private final String prefix;

  ServerAccount(String prefix) {
    this.prefix = prefix;
  }

  static ServerAccount find(Path directory) throws IOException {
    if (!System.getProperty("user.name").equals("root")) {
      return OURS;
    }
    for (ServerAccount account : List.of(NAMESPACE, NOBODY)) {
      if (account.works(directory)) {
        return account;
      }
    }
    throw new IOException(
        "PostgreSQL does not run as root, and neither unshare --user nor setpriv works here:"
            + " run as another user");
  }

  private boolean works(Path directory) throws IOException {
    try {
      Process probe =
          new ProcessBuilder(command("true"))
              .directory(directory.toFile())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return probe.waitFor(10, TimeUnit.SECONDS) && probe.exitValue() == 0;
    } catch (IOException absent) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Gives it a directory and what is in it. */
  void own(Path directory) throws IOException {
    if (this == NOBODY) {
      Directories.give(directory, 65534);
    }
  }

  /** The start of a command line, to be added to. */
  List<String> command(String program) {
    List<String> command = new ArrayList<>();
    if (!prefix.isEmpty()) {
      command.addAll(List.of(prefix.split(" ", -1)));
    }
    command.add(program);
    return command;
  }
}
