package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.ExitCode;
import io.rowbell.engine.cli.Main;
import io.rowbell.spi.FailPoint;
import io.rowbell.testkit.JavaProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** {@code rowbell run} in a JVM of its own, watched from outside. */
final class EngineProcess implements AutoCloseable {
  /** How large its heap may grow. */
  private static final String HEAP = "-Xmx192m";

  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  private final JavaProcess process;
  private final int httpPort;
  private final long startedAt = System.nanoTime();
  private volatile @Nullable Long movedAt;

  private EngineProcess(JavaProcess process, int httpPort) {
    this.process = process;
    this.httpPort = httpPort;
  }

  /**
   * Starts it; does not wait.
   *
   * @param main {@code Main}, or a test's class that calls it
   * @param options of the JVM, for example {@link FailPoint#option}
   */
  static EngineProcess start(Class<?> main, Path directory, int httpPort, String... options) {
    String[] jvm =
        Stream.concat(Stream.of(HEAP, "-XX:+ExitOnOutOfMemoryError"), Arrays.stream(options))
            .toArray(String[]::new);
    return new EngineProcess(
        JavaProcess.of(main)
            .directory(directory)
            .jvm(jvm)
            .environment("ROWBELL_HTTP_LISTEN", "127.0.0.1:" + httpPort)
            .args("run")
            .start(),
        httpPort);
  }

  /** The same with {@code Main}. */
  static EngineProcess start(Path directory, int httpPort, String... options) {
    return start(Main.class, directory, httpPort, options);
  }

  JavaProcess process() {
    return process;
  }

  boolean running() {
    return process.running();
  }

  /** Whether {@code /ready} says so; false if nobody answers. */
  boolean ready() {
    boolean ready = status("/ready") == 200;
    if (ready) {
      moved();
    }
    return ready;
  }

  /** Somebody has seen that it does its work, before it was ready. */
  synchronized void moved() {
    if (movedAt == null) {
      movedAt = System.nanoTime();
    }
  }

  /** Whether it ever was. */
  boolean wasReady() {
    return movedAt != null;
  }

  /**
   * How long it took from its start, or from the last fault's end after it, until it was ready for
   * the first time, was seen at work or came to a place where it was to die; empty if not.
   */
  Optional<Duration> recovery(FaultClock clock) {
    Long moved = movedAt;
    return moved == null
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(moved - clock.recoveringSince(startedAt, moved)));
  }

  private int status(String path) {
    try {
      return CLIENT.send(request(path), HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking " + path, e);
    }
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + httpPort + path))
        .timeout(Duration.ofSeconds(2))
        .build();
  }

  /** What a path answers, for example {@code /metrics}. */
  String get(String path) throws IOException, InterruptedException {
    return CLIENT.send(request(path), HttpResponse.BodyHandlers.ofString()).body();
  }

  /** Lets it take over the rules as they are in the files now. */
  void reload(String pipeline) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + httpPort + "/reload"))
                .timeout(BOUND)
                .header("Rowbell-Pipeline", pipeline)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  /**
   * Waits until changes arrive.
   *
   * @return how long that took since the process was started
   */
  Duration awaitReady() {
    Awaitility.await()
        .atMost(BOUND)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> ready() || !running());
    requireRunning();
    return Duration.ofNanos(System.nanoTime() - startedAt);
  }

  /**
   * Waits until it says that changes do not arrive, as it must 10 s after they ceased to (G7).
   *
   * @return how long that took
   */
  Duration awaitUnready(Duration atMost) {
    long began = System.nanoTime();
    Awaitility.await().atMost(atMost).pollInterval(Duration.ofMillis(50)).until(() -> !ready());
    requireRunning();
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /** Waits until each of these metrics is larger than it is now. */
  void awaitGrowth(String... metrics) throws IOException, InterruptedException {
    Scrape before = Scrape.of(get("/metrics"));
    for (String metric : metrics) {
      assertThat(before.value(metric)).as(metric).isNotNaN();
      Awaitility.await(metric)
          .atMost(BOUND)
          .until(() -> Scrape.of(get("/metrics")).value(metric) > before.value(metric));
    }
  }

  /**
   * Waits until it has ended by itself, as it must.
   *
   * @param words what it must say
   * @return how long that took
   */
  Duration awaitEnd(ExitCode code, String... words) throws InterruptedException {
    long began = System.nanoTime();
    int status = process.awaitExit(BOUND);
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    assertThat(status).as(output()).isEqualTo(code.code());
    assertThat(output()).contains(words);
    return took;
  }

  void requireRunning() {
    if (!running()) {
      throw new AssertionError("the engine has ended:\n" + output());
    }
  }

  /** Waits until a fail point that says {@code halt} has ended it. */
  void awaitHalt(FailPoint point) throws InterruptedException {
    int status = process.awaitExit(BOUND);
    if (status != FailPoint.HALTED || !output().contains("failpoint " + point.label())) {
      throw new AssertionError(
          "it ended with " + status + " and not at " + point.label() + ":\n" + output());
    }
    moved();
  }

  /** Waits until a fail point is reached and it stands still there. */
  void awaitWait(FailPoint point) throws InterruptedException {
    String unused = process.awaitLine("failpoint " + point.label() + " reached", BOUND);
  }

  /** Waits until a fail point that says {@code suspend} has stopped the process. */
  void awaitSuspended(FailPoint point) throws InterruptedException {
    awaitWait(point);
    // The line comes a moment before; a process that is stopped answers nobody.
    Awaitility.await().atMost(BOUND).until(() -> status("/live") == 0);
  }

  /** Waits for a line of its log, after the one that was found before. */
  void awaitLine(String part) throws InterruptedException {
    String unused = process.awaitLine(part, BOUND);
  }

  String output() {
    return String.join("\n", process.output());
  }

  @Override
  public void close() {
    process.close();
  }
}
