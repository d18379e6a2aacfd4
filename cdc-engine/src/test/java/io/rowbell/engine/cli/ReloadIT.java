package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rules that are changed under a real engine: by SIGHUP and by the command. */
@Timeout(300)
class ReloadIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  private static final String MOVED =
      """
        - event: Moved
          on: update stocks
          when: price >= last.price + %s
          data: {symbol, from: last.price, price}
      """;

  private final Path directory;
  private final int port;
  private final PostgresServer server = PostgresServer.start();

  ReloadIT(@TempDir Path directory) throws Exception {
    this.directory = directory;
    server.createDatabase("shop");
    server.execute(
        "shop",
        "CREATE TABLE stocks (symbol text PRIMARY KEY, price int NOT NULL);"
            + "CREATE TABLE users (id bigint PRIMARY KEY, email text)");
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    rules(MOVED.formatted("10"));
    Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        source:
          postgres: {host: %s, port: %d, database: shop, user: %s, password: "${env:PG_PASSWORD}", marker-interval: 500ms}
        rules: [rules/*.yaml]
        journal: {sqlite: {file: journal.db}}
        http: {listen: "127.0.0.1:%d"}
        """
            .formatted(server.host(), server.port(), server.user(), port));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void rules(String... rules) throws IOException {
    Files.createDirectories(directory.resolve("rules"));
    Files.writeString(
        directory.resolve("rules/rules.yaml"), "rules: v1\ntriggers:\n" + String.join("", rules));
  }

  private void sql(String sql) throws Exception {
    server.execute("shop", sql);
  }

  private JavaProcess rowbell(String... args) {
    return JavaProcess.of(Main.class)
        .directory(directory)
        .environment("PG_PASSWORD", server.password())
        .args(args)
        .start();
  }

  private String ended(int code, String... args) throws InterruptedException {
    try (JavaProcess process = rowbell(args)) {
      int ended = process.awaitExit(SOON);
      String output = String.join("\n", process.output());
      assertThat(ended).as(output).isEqualTo(code);
      return output;
    }
  }

  private void awaitEvents(String... data) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              Invocation events =
                  Invocation.of("events", "-c", directory.resolve("rowbell.yaml").toString());
              assertThat(events.code()).as(events.err()).isZero();
              List<String> lines = events.out().lines().toList();
              assertThat(lines).hasSize(data.length);
              for (int i = 0; i < data.length; i++) {
                assertThat(lines.get(i)).contains(data[i]);
              }
            });
  }

  @Test
  void changedRulesTakeOverOrTheOldOnesGoOn() throws Exception {
    ended(0, "check", "--apply");
    try (JavaProcess run = rowbell("run")) {
      run.awaitLine("streams from", SOON);
      sql("INSERT INTO stocks VALUES ('ACME', 100)");
      sql("UPDATE stocks SET price = 110");
      awaitEvents("\"from\":100,\"price\":110");

      rules(MOVED.formatted("5"));
      Files.writeString(
          directory.resolve("rules/more.yaml"),
          """
          rules: v1
          triggers:
            - {event: Listed, on: insert stocks, data: {symbol}}
          """);
      hangUp(run);
      run.awaitLine("the new rules are in force", SOON);
      sql("UPDATE stocks SET price = 115; INSERT INTO stocks VALUES ('EMCA', 1)");
      awaitEvents("\"price\":110", "\"from\":110,\"price\":115", "Listed");

      rules(MOVED.formatted("no_such_column"));
      hangUp(run);
      run.awaitLine("the new rules are refused, and those of before go on", SOON);
      run.awaitLine("rules/rules.yaml:5:33: error E101", SOON);
      assertThat(ended(1, "reload"))
          .startsWith("the new rules are refused, and those of before go on:")
          .contains("rules/rules.yaml:5:33: error E101: table public.stocks has no column");

      rules(MOVED.formatted("5"), "  - {event: Registered, on: insert users, data: {id}}\n");
      assertThat(ended(1, "reload")).contains("ALTER PUBLICATION rowbell ADD TABLE public.users");
      ended(0, "check", "--apply");
      assertThat(ended(0, "reload")).isEqualTo("the new rules are in force");
      assertThat(get("/status")).contains("\"reload\":{\"at\":", "\"outcome\":\"taken\"");
      sql("INSERT INTO users VALUES (7, 'a'); UPDATE stocks SET price = 120 WHERE symbol = 'ACME'");
      awaitEvents("110", "115", "Listed", "Registered", "\"from\":115,\"price\":120");

      // Killed right after: the files say which rules hold, and the memory is what it was.
      rules(MOVED.formatted("7"));
      assertThat(ended(0, "reload")).isEqualTo("the new rules are in force");
      run.kill();
    }
    sql("UPDATE stocks SET price = 126 WHERE symbol = 'ACME'");
    sql("UPDATE stocks SET price = 127 WHERE symbol = 'ACME'");
    try (JavaProcess again = rowbell("run")) {
      again.awaitLine("streams from", SOON);
      awaitEvents("110", "115", "Listed", "Registered", "120", "\"from\":120,\"price\":127");
      assertThat(again.output()).noneMatch(line -> line.contains("without a memory"));
    }
    assertThat(ended(4, "reload")).contains("no engine answers at http.listen 127.0.0.1:" + port);
  }

  @Test
  void onlyWhoNamesThePipelineFromThisMachineReloads() throws Exception {
    ended(0, "check", "--apply");
    try (JavaProcess run = rowbell("run")) {
      run.awaitLine("streams from", SOON);
      assertThat(reload("127.0.0.1", null)).isEqualTo(403);
      assertThat(reload("127.0.0.1", "another")).isEqualTo(409);
      assertThat(reload("localhost", "rowbell")).isEqualTo(200);
      HttpRequest get = HttpRequest.newBuilder(URI.create(at("localhost") + "/reload")).build();
      assertThat(send(get).statusCode()).isEqualTo(405);
      Files.writeString(
          directory.resolve("rowbell.yaml"),
          "# a remark\n",
          java.nio.file.StandardOpenOption.APPEND);
      assertThat(ended(0, "reload"))
          .contains("rowbell.yaml was changed too: only the rules are reloaded");
    }
  }

  @Test
  void aRuleInShadowIsLookedAtBesideTheLiveOne() throws Exception {
    sql("ALTER TABLE stocks ADD note text");
    String shadow =
        MOVED
            .formatted("5 && coalesce(note, '') == ''")
            .replace("- event: Moved", "- rule: Moved.next");
    rules(MOVED.formatted("10"), shadow + "    event: Moved\n    mode: shadow\n");
    ended(0, "check", "--apply");
    try (JavaProcess run = rowbell("run")) {
      run.awaitLine("streams from", SOON);
      sql("INSERT INTO stocks VALUES ('ACME', 100)");
      sql("UPDATE stocks SET price = 106");
      sql("UPDATE stocks SET price = 111");
      awaitEvents("\"rule\":\"Moved\",");
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(ended(0, "shadow", "--rule", "Moved.next"))
                      .startsWith("Moved.next, compared with Moved, since ")
                      .containsSubsequence(
                          "same         0", "different    1", "only live    0", "only shadow  1")
                      .contains(
                          "would send  Moved  {\"symbol\":\"ACME\",\"from\":106,\"price\":111}",
                          "live sent   Moved  {\"symbol\":\"ACME\",\"from\":100,\"price\":111}"));
      assertThat(ended(0, "shadow", "-o", "json")).startsWith("[{\"rule\":\"Moved.next\"");
      assertThat(ended(0, "shadow", "--rule", "Other")).startsWith("no such rule is in shadow");
      assertThat(get("/metrics"))
          .contains("rowbell_shadow_changes_total{rule=\"Moved.next\",verdict=\"different\"} 1.0");

      sql("ALTER TABLE stocks DROP note");
      sql("UPDATE stocks SET price = 200");
      sql("UPDATE stocks SET price = 300");
      awaitEvents("\"price\":111", "\"price\":200", "\"price\":300");
      assertThat(ended(0, "shadow"))
          .contains("does not fit any more, and is not evaluated:", "E101", "'note'");
      assertThat(run.output())
          .filteredOn(line -> line.contains("W320 rule 'Moved.next' is in shadow"))
          .hasSize(1);
    }
  }

  private String at(String host) {
    return "http://" + host + ":" + port;
  }

  private int reload(String host, @Nullable String pipeline) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(at(host) + "/reload"))
            .POST(HttpRequest.BodyPublishers.noBody());
    if (pipeline != null) {
      request.header("Rowbell-Pipeline", pipeline);
    }
    return send(request.build()).statusCode();
  }

  private String get(String path) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(at("localhost") + path)).build()).body();
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** Where these tests themselves run with SIGHUP ignored, so does the engine: it says so. */
  private void hangUp(JavaProcess run) throws Exception {
    if (run.output().stream().anyMatch(line -> line.contains("SIGHUP is ignored"))) {
      try (JavaProcess reload = rowbell("reload")) {
        assertThat(reload.awaitExit(SOON)).isLessThan(2);
      }
      return;
    }
    assertThat(
            new ProcessBuilder("kill", "-HUP", Long.toString(run.pid()))
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
  }
}
