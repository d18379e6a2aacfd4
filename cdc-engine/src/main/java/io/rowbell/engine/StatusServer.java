package io.rowbell.engine;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.rowbell.engine.config.HttpConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Tells how an engine is, over HTTP.
 *
 * <pre>
 * GET /live     200 while the process can answer
 * GET /ready    200 while changes arrive, else 503 and why
 * GET /status   the state, the stream's and the journal's figures, as JSON
 * GET /metrics  the same and more for Prometheus
 * GET /shadow   what rules in shadow would have sent, ?rule=NAME of one; JSON, or text if that is
 *               asked for
 * GET /subscribers  how far each is and how its deliveries go, as JSON
 * POST /reload  reads the rules anew: 200 if they can be used, 422 and why if not
 * POST /act     does what a person wants done about subscribers or dead letters, an {@link
 *               ActRequest} as JSON: 200, or 422 and why not
 * </pre>
 *
 * What changes something is asked for with the pipeline's name in a header, and what tells of rows
 * only tells this machine, see {@link Caller}. With a token, everything but {@code /live} asks for
 * it. The configuration is never told.
 */
final class StatusServer implements AutoCloseable {
  private static final int BACKLOG = 64;
  private static final int LONGEST_BODY = 1 << 20;

  /** Each holds one request, from its first byte to the last one of the answer. */
  private static final int MOST_REQUESTS = 32;

  private static final Duration IDLE = Duration.ofSeconds(30);

  private static final List<String> PATHS =
      List.of(
          "/live", "/ready", "/status", "/metrics", "/shadow", "/subscribers", "/reload", "/act");

  /** What changes something. */
  private static final Set<String> CHANGES = Set.of("/reload", "/act");

  /** What tells more than how the engine is. */
  private static final Set<String> DETAILS = Set.of("/shadow", "/subscribers");

  private final Engine engine;
  private final Metrics metrics;
  private final Caller caller;
  private final Semaphore changing = new Semaphore(1);
  private final Semaphore viewing = new Semaphore(1);
  private final HttpServer server;

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          MOST_REQUESTS,
          MOST_REQUESTS,
          IDLE.toSeconds(),
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          work -> {
            Thread thread = new Thread(work, "rowbell-http");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @throws EngineException if the address cannot be listened on
   */
  StatusServer(HttpConfig config, Engine engine) {
    this.engine = engine;
    this.metrics = new Metrics(engine, InstantSource.system());
    this.caller = new Caller(config.token() == null ? null : config.token().reveal());
    InetSocketAddress address =
        new InetSocketAddress(config.listen().host(), config.listen().port());
    try {
      server = HttpServer.create(address, BACKLOG);
    } catch (IOException e) {
      throw new EngineException(
          ExitCode.CONFIGURATION,
          "cannot listen on http.listen %s: %s. Choose another port, or 0 for any that is free"
              .formatted(config.listen(), e.getMessage()),
          e);
    }
    threads.allowCoreThreadTimeOut(true);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** The port that is listened on. */
  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      boolean changes = CHANGES.contains(path);
      if (!PATHS.contains(path)) {
        reply(exchange, 404, "text/plain", "there are " + String.join(", ", PATHS) + "\n");
      } else if (!exchange.getRequestMethod().equals(changes ? "POST" : "GET")) {
        reply(exchange, 405, "text/plain", "only " + (changes ? "POST" : "GET") + "\n");
      } else if (path.equals("/live")) {
        reply(exchange, 200, "text/plain", "live\n");
      } else if (!caller.mayLook(exchange.getRequestHeaders())) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
        reply(exchange, 401, "text/plain", "a bearer token is needed\n");
      } else if ((changes || DETAILS.contains(path))
          && !caller.isTrusted(exchange.getRequestHeaders())) {
        reply(exchange, 403, "text/plain", "ask by the name localhost, or set a token\n");
      } else {
        answer(exchange, path);
      }
    }
  }

  private void answer(HttpExchange exchange, String path) throws IOException {
    switch (path) {
      case "/ready" -> {
        Readiness readiness = engine.readiness();
        reply(exchange, readiness.ready() ? 200 : 503, "text/plain", readiness.reason() + "\n");
      }
      case "/status" -> reply(exchange, 200, "application/json", StatusJson.of(engine));
      case "/metrics" -> reply(exchange, 200, "text/plain; version=0.0.4", metrics.scrape());
      case "/reload" -> change(exchange, this::reload);
      case "/act" -> change(exchange, this::act);
      case "/subscribers" -> subscribers(exchange);
      case "/shadow" -> shadow(exchange);
      default -> throw new IllegalStateException("nobody answers " + path);
    }
  }

  private void shadow(HttpExchange exchange) throws IOException {
    String query = Objects.requireNonNullElse(exchange.getRequestURI().getQuery(), "");
    List<ShadowRecord> asked =
        engine.pipelineStats().shadows().all().stream()
            .filter(record -> query.isEmpty() || query.equals("rule=" + record.rule().rule()))
            .toList();
    String accepted = exchange.getRequestHeaders().getFirst("Accept");
    if ("text/plain".equals(accepted)) {
      reply(exchange, 200, "text/plain", ShadowReport.text(asked));
    } else {
      reply(exchange, 200, "application/json", ShadowReport.json(asked));
    }
  }

  /** One at a time: the journal may take long to answer, and liveness needs a thread. */
  private void subscribers(HttpExchange exchange) throws IOException {
    if (!viewing.tryAcquire()) {
      reply(
          exchange,
          503,
          "text/plain",
          "the journal is just being asked about the subscribers: ask again\n");
      return;
    }
    try {
      reply(
          exchange, 200, "application/json", SubscriberView.json(engine.viewSubscribers()) + "\n");
    } catch (EngineException e) {
      reply(exchange, 503, "text/plain", e.getMessage() + "\n");
    } catch (InterruptedException e) {
      ended(exchange);
    } finally {
      viewing.release();
    }
  }

  /** Something that changes something. */
  private interface Change {
    void carryOut(HttpExchange exchange) throws IOException, InterruptedException;
  }

  /** One at a time: a second one would hold a thread that liveness needs. */
  private void change(HttpExchange exchange, Change change) throws IOException {
    String pipeline = Caller.pipeline(exchange.getRequestHeaders());
    if (pipeline == null) {
      reply(
          exchange, 403, "text/plain", "name the pipeline in the header " + Caller.PIPELINE + "\n");
    } else if (!pipeline.equals(engine.pipeline())) {
      reply(exchange, 409, "text/plain", "this is pipeline '" + engine.pipeline() + "'\n");
    } else if (!changing.tryAcquire()) {
      reply(exchange, 409, "text/plain", "another reload or act is under way: ask again\n");
    } else {
      try {
        change.carryOut(exchange);
      } catch (InterruptedException e) {
        ended(exchange);
      } finally {
        changing.release();
      }
    }
  }

  private void reload(HttpExchange exchange) throws IOException, InterruptedException {
    Reload reload = engine.reload();
    int code = reload.outcome() == Reload.Outcome.REFUSED ? 422 : 200;
    reply(exchange, code, "application/json", StatusJson.of(reload));
  }

  private void act(HttpExchange exchange) throws IOException, InterruptedException {
    byte[] body = exchange.getRequestBody().readNBytes(LONGEST_BODY + 1);
    ActRequest request;
    try {
      if (body.length > LONGEST_BODY) {
        throw new IllegalArgumentException("longer than " + LONGEST_BODY + " bytes");
      }
      request = ActRequest.parse(new String(body, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      reply(exchange, 400, "text/plain", "this is no act: " + e.getMessage() + "\n");
      return;
    }
    try {
      ActAnswer answer = engine.act(request);
      reply(exchange, answer.done() ? 200 : 422, "application/json", answer.json() + "\n");
    } catch (EngineException e) {
      reply(exchange, 503, "text/plain", e.getMessage() + "\n");
    }
  }

  private static void ended(HttpExchange exchange) throws IOException {
    Thread.currentThread().interrupt();
    reply(exchange, 503, "text/plain", "the engine has ended\n");
  }

  private static void reply(HttpExchange exchange, int code, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange
        .getResponseHeaders()
        .set("Content-Type", type + (type.contains(";") ? "" : "; charset=utf-8"));
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(code, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
