package io.rowbell.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A main class in a JVM of its own, with this JVM's class path: to be killed, stopped and
 * continued, and read.
 *
 * <pre>{@code
 * try (JavaProcess engine = JavaProcess.of(Main.class).args("run").start()) {
 *   engine.awaitLine("started", Duration.ofSeconds(20));
 *   engine.kill();
 * }
 * }</pre>
 *
 * <p>It compiles little, and maps classes that are archived: where {@code
 * rowbell.testkit.class-list}, a system property, names a file that lists them, the first test to
 * start a JVM makes an archive in {@code target}.
 *
 * <p>Standard output and standard error are one stream of lines, read as UTF-8; the last {@value
 * #KEPT_LINES} are kept. Killed when this JVM ends. Safe to use from several threads.
 */
public final class JavaProcess implements AutoCloseable {
  private static final int KEPT_LINES = 20_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String name;
  private final Process process;
  private final AtExit atExit;
  private final Deque<String> lines = new ArrayDeque<>();
  private final Thread reader;
  private long firstKept;
  private long passed;
  private boolean ended;

  private JavaProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    this.atExit = AtExit.run(() -> process.toHandle().destroyForcibly());
    this.reader = new Thread(this::read, "output-of-" + name);
    reader.setDaemon(true);
    reader.start();
  }

  /** A class with a {@code main}. */
  public static Builder of(Class<?> main) {
    return of(main.getName());
  }

  /** A class with a {@code main}, by its name. */
  public static Builder of(String main) {
    return new Builder(main);
  }

  /** A JVM that is about to start. */
  public static final class Builder {
    private final String main;

    /** A process of a test is short: what a better compiler costs it never gets back. */
    private final List<String> jvm =
        new ArrayList<>(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));

    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private @Nullable Path directory;

    private Builder(String main) {
      this.main = main;
    }

    /** Adds options of the JVM, for example {@code -Xmx128m}. */
    public Builder jvm(String... options) {
      jvm.addAll(List.of(options));
      return this;
    }

    /**
     * Logs as the tests themselves do. For a program that says nothing of its log: Debezium and
     * Kafka would tell every step of theirs, and take their time for it.
     */
    public Builder testLog() {
      return jvm("-Dlogback.configurationFile=io/rowbell/testkit/tests-logback.xml");
    }

    /** Adds arguments of the program. */
    public Builder args(String... more) {
      arguments.addAll(List.of(more));
      return this;
    }

    /** Adds a variable of the environment. */
    public Builder environment(String variable, String value) {
      environment.put(variable, value);
      return this;
    }

    /** Sets the working directory. */
    public Builder directory(Path path) {
      directory = path;
      return this;
    }

    /** Starts it; does not wait. */
    public JavaProcess start() {
      ClassArchive archive = ClassArchive.ofThisJvm();
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(archive.options());
      command.addAll(jvm);
      command.add(main);
      command.addAll(arguments);
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      // Through the environment: a command line has less room than a class path may need.
      builder.environment().put("CLASSPATH", archive.classPath());
      builder.environment().putAll(environment);
      if (directory != null) {
        builder.directory(directory.toFile());
      }
      try {
        return new JavaProcess(main, builder.start());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void read() {
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        add(line);
      }
    } catch (IOException e) {
      add("(its output was cut off: " + e + ")");
    }
    synchronized (this) {
      ended = true;
      notifyAll();
    }
  }

  private synchronized void add(String line) {
    lines.add(line);
    if (lines.size() > KEPT_LINES) {
      lines.remove();
      firstKept++;
    }
    notifyAll();
  }

  /** The process's number. */
  public long pid() {
    return process.pid();
  }

  /** Whether it has not ended yet. */
  public boolean running() {
    return process.isAlive();
  }

  /** The lines it has written so far. */
  public synchronized List<String> output() {
    return List.copyOf(lines);
  }

  /**
   * Waits for a line that contains a text; see {@link #awaitLine(Predicate, Duration)}.
   *
   * @return the line
   */
  public String awaitLine(String part, Duration timeout) throws InterruptedException {
    return awaitLine(line -> line.contains(part), timeout);
  }

  /**
   * Waits for a line after the one that the last call found.
   *
   * @return the line
   * @throws IllegalStateException if there is none within {@code timeout}, or the process has ended
   *     without it; the message holds the end of its output
   */
  public synchronized String awaitLine(Predicate<String> wanted, Duration timeout)
      throws InterruptedException {
    Deadline deadline = Deadline.in(timeout);
    while (true) {
      passed = Math.max(passed, firstKept);
      var unread = lines.stream().skip(passed - firstKept).iterator();
      while (unread.hasNext()) {
        String line = unread.next();
        passed++;
        if (wanted.test(line)) {
          return line;
        }
      }
      if (ended || deadline.passed()) {
        throw new IllegalStateException(
            name
                + (ended ? " ended without" : " did not within " + timeout + " print")
                + " the line that was waited for. It printed:\n"
                + Directories.tail(String.join("\n", lines)));
      }
      wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline.remainingNanos())));
    }
  }

  /**
   * Waits for its end.
   *
   * @return its exit status; 128 and the signal's number if a signal ended it
   * @throws IllegalStateException if it does not end within {@code timeout}
   */
  public int awaitExit(Duration timeout) throws InterruptedException {
    if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException(
          name
              + " did not end within "
              + timeout
              + ". It printed:\n"
              + Directories.tail(String.join("\n", output())));
    }
    reader.join(PATIENCE.toMillis());
    return process.exitValue();
  }

  /** Kills it with SIGKILL and waits until it is gone. */
  public void kill() {
    // Process.destroy would close its output too, and what it wrote last would be lost.
    process.toHandle().destroyForcibly();
    try {
      awaitExit(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + name + " was dying", e);
    }
  }

  /** Asks it to end, with SIGTERM; does not wait. */
  public void terminate() {
    process.toHandle().destroy();
  }

  /** Halts it with SIGSTOP: its sockets stay open and nobody answers. Not on Windows. */
  public void suspend() {
    signal("-STOP");
  }

  /** Lets it go on, with SIGCONT. */
  public void resume() {
    signal("-CONT");
  }

  private void signal(String option) {
    try {
      int status =
          new ProcessBuilder("kill", option, Long.toString(pid())).inheritIO().start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("kill " + option + " " + pid() + " failed: " + status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while sending a signal", e);
    }
  }

  /** Kills it if it still runs. Idempotent. */
  @Override
  public void close() {
    kill();
    atExit.cancel();
  }
}
