package io.rowbell.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.rowbell.engine.config.HttpConfig;
import io.rowbell.spi.Source.SourceStatus;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Tells how an engine is, over HTTP.
 *
 * <pre>
 * GET /live     200 while the process can answer
 * GET /ready    200 while changes arrive, else 503 and why
 * GET /status   the state, the stream's and the journal's figures, as JSON
 * GET /metrics  the same and more for Prometheus
 * </pre>
 *
 * With a token, everything but {@code /live} asks for it. The configuration is never told.
 */
final class StatusServer implements AutoCloseable {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int BACKLOG = 16;

  private final Engine engine;
  private final Metrics metrics;
  private final byte @Nullable [] token;
  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          2,
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
    this.metrics = new Metrics(engine);
    this.token =
        config.token() == null
            ? null
            : ("Bearer " + config.token().reveal()).getBytes(StandardCharsets.UTF_8);
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
      if (!exchange.getRequestMethod().equals("GET")) {
        reply(exchange, 405, "text/plain", "only GET\n");
      } else if (path.equals("/live")) {
        reply(exchange, 200, "text/plain", "live\n");
      } else if (!authorized(exchange)) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
        reply(exchange, 401, "text/plain", "a bearer token is needed\n");
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
      case "/status" -> reply(exchange, 200, "application/json", status());
      case "/metrics" -> reply(exchange, 200, "text/plain; version=0.0.4", metrics.scrape());
      default ->
          reply(exchange, 404, "text/plain", "there are /live, /ready, /status and /metrics\n");
    }
  }

  private boolean authorized(HttpExchange exchange) {
    if (token == null) {
      return true;
    }
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    return given != null && MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8));
  }

  private String status() throws IOException {
    Status status = engine.status();
    Readiness readiness = engine.readiness();
    SourceStatus source = engine.source().status();
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("state", status.state().name().toLowerCase(java.util.Locale.ROOT));
      json.writeStringField("since", status.since().toString());
      json.writeStringField("reason", status.reason());
      json.writeBooleanField("ready", readiness.ready());
      json.writeStringField("readiness", readiness.reason());
      json.writeObjectFieldStart("source");
      json.writeBooleanField("connected", source.connected());
      json.writeBooleanField("caughtUp", source.caughtUp());
      json.writeNumberField("lagBytes", source.lagBytes());
      json.writeNumberField("retainedBytes", source.retainedBytes());
      json.writeNumberField("safeBytes", source.safeBytes());
      json.writeEndObject();
      engine
          .session()
          .map(session -> session.journal().resume().checkpoint())
          .ifPresent(
              checkpoint -> {
                try {
                  json.writeStringField("position", checkpoint.toString());
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException("writing to memory", e);
                }
              });
      json.writeEndObject();
    }
    return text.append('\n').toString();
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
