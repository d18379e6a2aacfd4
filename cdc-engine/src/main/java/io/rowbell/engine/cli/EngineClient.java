package io.rowbell.engine.cli;

import io.rowbell.engine.EngineException;
import io.rowbell.engine.ExitCode;
import io.rowbell.engine.config.HttpConfig;
import io.rowbell.engine.config.ListenAddress;
import io.rowbell.engine.config.StatusAccess;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Speaks to the engine that runs with a configuration, where that one serves its status. */
final class EngineClient {
  private static final Duration CONNECTING = Duration.ofSeconds(5);
  private static final Duration ANSWERING = Duration.ofSeconds(60);

  private final String pipeline;
  private final HttpConfig http;
  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(CONNECTING)
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(HttpClient.Builder.NO_PROXY)
          .build();

  private EngineClient(String pipeline, HttpConfig http) {
    this.pipeline = pipeline;
    this.http = http;
  }

  /**
   * @param otherwise what to do if the engine cannot be spoken to
   * @throws EngineException if the configuration does not say where it listens
   */
  static EngineClient of(StatusAccess config, String otherwise) {
    HttpConfig http = config.http();
    if (http == null || http.listen().port() == 0) {
      throw new EngineException(
          ExitCode.CONFIGURATION,
          (http == null
                  ? "the configuration has no 'http', by which the running engine is spoken to: add"
                      + " 'http: {}' and restart it"
                  : "http.listen is port 0, so nobody knows where the running engine listens:"
                      + " choose a port and restart it")
              + otherwise,
          null);
    }
    return new EngineClient(config.name(), http);
  }

  /**
   * @param type of the answer, for example {@code text/plain}
   */
  HttpResponse<String> get(String path, String type) throws InterruptedException {
    return send(request(path).header("Accept", type).GET());
  }

  HttpResponse<String> post(String path) throws InterruptedException {
    return send(
        request(path)
            .header("Rowbell-Pipeline", pipeline)
            .POST(HttpRequest.BodyPublishers.noBody()));
  }

  /**
   * @param json the request's body
   */
  HttpResponse<String> post(String path, String json) throws InterruptedException {
    return send(
        request(path)
            .header("Rowbell-Pipeline", pipeline)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  /** Whether a configuration says where its engine listens. */
  static boolean isPossible(StatusAccess config) {
    return config.http() != null && config.http().listen().port() != 0;
  }

  private HttpRequest.Builder request(String path) {
    ListenAddress listen = http.listen();
    String host =
        switch (listen.host()) {
          case "0.0.0.0" -> "127.0.0.1";
          case "::" -> "[::1]";
          default -> listen.host().contains(":") ? "[" + listen.host() + "]" : listen.host();
        };
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + host + ":" + listen.port() + path))
            .timeout(ANSWERING);
    return http.token() == null
        ? request
        : request.header("Authorization", "Bearer " + http.token().reveal());
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws InterruptedException {
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new EngineException(
          ExitCode.SOURCE_UNREACHABLE,
          "no engine answers at http.listen %s: does pipeline '%s' run here, with this configuration? (%s)"
              .formatted(http.listen(), pipeline, why(e)),
          e);
    }
  }

  private static String why(IOException e) {
    return e instanceof ConnectException ? "nobody listens there" : e.toString();
  }

  /** An answer that was not expected. */
  EngineException unexpected(HttpResponse<String> answer) {
    return new EngineException(
        ExitCode.CHECK_FAILED,
        "the engine at http.listen %s answers %d: %s"
            .formatted(http.listen(), answer.statusCode(), answer.body().strip()),
        null);
  }
}
