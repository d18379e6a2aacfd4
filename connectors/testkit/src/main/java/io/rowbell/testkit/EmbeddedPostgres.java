package io.rowbell.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL as a direct child process of this JVM, so that its death is seen and its process is
 * reaped. Ended with the JVM, unless that is killed itself.
 */
final class EmbeddedPostgres implements PostgresHost {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path home = Directories.temporary("rowbell-postgres-");
  private final Path data = home.resolve("data");
  private final Path logFile = home.resolve("postgres.log");
  private final int port = Ports.free();
  private final Path programs;
  private final ServerAccount account;
  private final Map<String, String> settings;
  private final List<String> options = new ArrayList<>();
  private final AtExit atExit;
  private @Nullable Process process;

  /** Puts data into a server that has none. */
  @FunctionalInterface
  private interface Filling {
    void fill(EmbeddedPostgres server) throws IOException;
  }

  EmbeddedPostgres(Map<String, String> settings, String password) {
    this(settings, server -> server.initialise(password));
  }

  private EmbeddedPostgres(Map<String, String> settings, Filling filling) {
    this.settings = Map.copyOf(settings);
    try {
      programs = PostgresPrograms.directory();
      account = ServerAccount.find(home);
      options.addAll(List.of("-D", data.toString(), "-p", Integer.toString(port)));
      settings.forEach((name, value) -> options.addAll(List.of("-c", name + "=" + value)));
      options.addAll(
          List.of("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + socket()));
      filling.fill(this);
    } catch (IOException e) {
      Directories.delete(home);
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      Directories.delete(home);
      throw e;
    }
    atExit = AtExit.run(this::close);
  }

  private void initialise(String password) throws IOException {
    Path passwordFile = home.resolve("password");
    Files.writeString(passwordFile, password);
    account.own(home);
    run(
        "initdb",
        "-D",
        data.toString(),
        "-U",
        "postgres",
        "--pwfile=" + passwordFile,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        // The same collation and character classes on every machine.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-sync",
        "--no-instructions");
    Files.delete(passwordFile);
  }

  @Override
  public PostgresHost copy(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(settings);
    all.putAll(more);
    return new EmbeddedPostgres(
        all,
        server -> {
          Directories.copy(data, server.data, EmbeddedPostgres::belongsToACopy);
          server.account.own(server.home);
        });
  }

  /** The log comes by replication; slots and the process's number are each server's own. */
  private static boolean belongsToACopy(Path inData) {
    return !(inData.startsWith("pg_wal") && inData.getNameCount() > 1)
        && !(inData.startsWith("pg_replslot") && inData.getNameCount() > 1)
        && !inData.startsWith("postmaster.pid");
  }

  @Override
  public void write(String name, String content) {
    try {
      Path file = Files.writeString(data.resolve(name), content);
      if (Files.getFileStore(file).supportsFileAttributeView(PosixFileAttributeView.class)) {
        // PostgreSQL takes no key that others may read.
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      }
      account.own(home);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Path socketDirectory() {
    return home;
  }

  private String socket() {
    return System.getProperty("os.name").startsWith("Windows") ? "" : home.toString();
  }

  private void run(String program, String... arguments) {
    List<String> command = command(program);
    command.addAll(List.of(arguments));
    try {
      Process child = started(command);
      if (!child.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        child.destroyForcibly();
        throw new IllegalStateException(program + " did not end within " + PATIENCE);
      }
      if (child.exitValue() != 0) {
        throw new IllegalStateException(
            program + " failed with status " + child.exitValue() + ":\n" + log());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + program, e);
    }
  }

  /** The start of a command line, to be added to. */
  private List<String> command(String program) {
    return account.command(programs.resolve("bin").resolve(program).toString());
  }

  private Process started(List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile()));
    builder.environment().put("LC_ALL", "C");
    return builder.start();
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public synchronized void start() {
    List<String> command = command("postgres");
    command.addAll(options);
    try {
      process = started(command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized boolean running() {
    return process != null && process.isAlive();
  }

  @Override
  public synchronized void stop(Stop mode) {
    if (running()) {
      String word = mode == Stop.FAST ? "fast" : "immediate";
      run("pg_ctl", "-D", data.toString(), "-m", word, "-w", "-t", "60", "stop");
      awaitEnd();
    }
  }

  @Override
  public synchronized void kill() {
    if (process != null) {
      List<ProcessHandle> children = process.descendants().toList();
      process.destroyForcibly();
      // They would end by themselves, but each at its own time, and hold the shared memory.
      children.forEach(ProcessHandle::destroyForcibly);
      awaitEnd();
    }
  }

  private void awaitEnd() {
    Process ending = process;
    if (ending == null) {
      return;
    }
    try {
      if (!ending.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("PostgreSQL did not end within " + PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while PostgreSQL was ending", e);
    }
    process = null;
  }

  @Override
  public String log() {
    try {
      return Files.exists(logFile)
          ? Directories.tail(Files.readString(logFile, StandardCharsets.UTF_8))
          : "(no log)";
    } catch (IOException e) {
      return "(its log cannot be read: " + e + ")";
    }
  }

  @Override
  public synchronized void close() {
    kill();
    Directories.delete(home);
    atExit.cancel();
  }
}
