package io.rowbell.engine.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.rowbell.engine.cli.Main;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.JournalEvent;
import io.rowbell.testkit.JournalEvents;
import io.rowbell.testkit.Ports;
import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An engine that has in the database what {@code check} asks an administrator for, word for word,
 * and nothing else; and what it answers to pages in a browser.
 */
@Timeout(180)
class LeastRoleIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String DATABASE = "least";
  private static final String ROLE = "bell \"least\"";
  private static final Pattern NEW_ROLE =
      Pattern.compile("CREATE ROLE .* TO \"bell \"\"least\"\"\"");

  private static PostgresServer server;

  @TempDir private Path directory;
  private final RawHttp http = new RawHttp(Ports.free());

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start();
    server.createDatabase(DATABASE);
    server.execute(
        DATABASE,
        """
        REVOKE ALL ON DATABASE least FROM PUBLIC;
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        CREATE SCHEMA sales;
        CREATE TABLE sales.orders (id bigint PRIMARY KEY, total numeric, note text);
        CREATE SCHEMA crm;
        CREATE TABLE crm.customers (id bigint PRIMARY KEY, town text, email text);
        CREATE TABLE crm.salaries (id bigint PRIMARY KEY, amount numeric);
        INSERT INTO crm.customers VALUES (1, 'Ulm', 'a@example.org');
        """);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private void configure() throws IOException {
    Files.writeString(directory.resolve("password"), "of the role");
    Files.writeString(
        directory.resolve("rules.yaml"),
        """
        rules: v1
        triggers:
          - {event: Ordered, on: insert sales.orders, data: {id, total}}
          - {event: Customer, on: insert or snapshot crm.customers, data: {id, town}}
        """);
    Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        name: least
        source:
          postgres:
            {host: %s, port: %d, database: least, user: '%s', password: "${file:password}", marker-interval: 500ms}
        rules: [rules.yaml]
        journal: {sqlite: {file: journal.db}}
        http: {listen: "127.0.0.1:%d"}
        """
            .formatted(server.host(), server.port(), ROLE, http.port()));
  }

  private JavaProcess rowbell(String... args) {
    return JavaProcess.of(Main.class).jvm("-Xmx128m").directory(directory).args(args).start();
  }

  private String check() throws Exception {
    try (JavaProcess check = rowbell("check", "-o", "json")) {
      int unused = check.awaitExit(SOON);
      return String.join("\n", check.output());
    }
  }

  /** What is to be run according to a report: of the role that is missing, or of the findings. */
  private static List<String> statements(String report) throws IOException {
    List<String> sql = new ArrayList<>();
    try (JsonParser json = new JsonFactory().createParser(report)) {
      while (json.nextToken() != null) {
        if (json.currentToken() == JsonToken.VALUE_STRING && "failure".equals(json.currentName())) {
          Matcher role = NEW_ROLE.matcher(json.getText());
          if (role.find()) {
            sql.add(role.group().replace("…", "of the role"));
          }
        } else if (json.currentToken() == JsonToken.START_ARRAY
            && "sql".equals(json.currentName())) {
          while (json.nextToken() == JsonToken.VALUE_STRING) {
            sql.add(json.getText());
          }
        }
      }
    }
    return sql;
  }

  private static String ask(String sql) throws Exception {
    return String.valueOf(server.queryOne(DATABASE, sql));
  }

  @Test
  void whatCheckPrintsIsAllThatIsNeeded() throws Exception {
    configure();
    List<String> asked = new ArrayList<>();
    String report = check();
    for (int round = 0; round < 4 && !report.contains("\"ready\":true"); round++) {
      List<String> statements = statements(report);
      assertThat(statements).as(report).isNotEmpty();
      for (String statement : statements) {
        server.execute(DATABASE, statement);
      }
      asked.addAll(statements);
      report = check();
    }
    assertThat(report).contains("\"ready\":true");

    assertThat(asked)
        .contains(
            "SELECT pg_create_logical_replication_slot('least', 'pgoutput', false, false, true)")
        .anyMatch(sql -> sql.startsWith("CREATE PUBLICATION least FOR TABLE "));
    requireNoMoreThanNeeded();
    try (JavaProcess run = rowbell("run")) {
      run.awaitLine("streams from", SOON);
      server.execute(DATABASE, "INSERT INTO sales.orders VALUES (7, 1.50, 'x')");
      await().atMost(SOON).until(() -> types().containsAll(List.of("Ordered", "Customer")));
      requireNothingForPagesInABrowser();
      requireAJournalForItsOwnerOnly();
      run.terminate();
      assertThat(run.awaitExit(SOON)).as(String.join("\n", run.output())).isZero();
    }
    assertThat(types()).containsExactlyInAnyOrder("Ordered", "Customer");
  }

  private List<String> types() throws SQLException {
    return JournalEvents.ofFile(directory.resolve("journal.db")).stream()
        .map(JournalEvent::type)
        .toList();
  }

  private static void requireNoMoreThanNeeded() throws Exception {
    String role = "(SELECT oid FROM pg_roles WHERE rolname = 'bell \"least\"')";
    assertThat(
            ask(
                "SELECT concat_ws(' ', rolsuper, rolcreatedb, rolcreaterole, rolbypassrls,"
                    + " rolcanlogin, rolreplication) FROM pg_roles WHERE oid = "
                    + role))
        .isEqualTo("f f f f t t");
    assertThat(ask("SELECT count(*) FROM pg_auth_members WHERE member = " + role)).isEqualTo("0");
    assertThat(
            ask("SELECT count(*) FROM pg_shdepend WHERE refobjid = " + role + " AND deptype = 'o'"))
        .as("owned")
        .isEqualTo("0");
    assertThat(
            ask(
                "SELECT string_agg(c.oid::regclass || '.' || a.attname, ' ' ORDER BY a.attnum)"
                    + " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                    + " WHERE c.relnamespace IN ('crm'::regnamespace, 'sales'::regnamespace)"
                    + " AND c.relkind = 'r' AND a.attnum > 0"
                    + " AND has_column_privilege("
                    + role
                    + ", c.oid, a.attnum, 'SELECT')"))
        .as("readable")
        .isEqualTo("crm.customers.id crm.customers.town");
    assertThat(
            ask(
                "SELECT string_agg(nspname, ' ') FROM pg_namespace"
                    + " WHERE nspname IN ('crm', 'sales', 'public') AND has_schema_privilege("
                    + role
                    + ", oid, 'USAGE')"))
        .isEqualTo("crm");
    assertThat(
            ask(
                "SELECT concat_ws(' ', has_database_privilege(%1$s, 'least', 'CONNECT'),"
                        .formatted(role)
                    + " has_database_privilege(%1$s, 'least', 'CREATE'),".formatted(role)
                    + " has_database_privilege(%1$s, 'least', 'TEMP'))".formatted(role)))
        .isEqualTo("t f f");
  }

  /** It holds events, and while it is written a log of them lies beside it. */
  private void requireAJournalForItsOwnerOnly() throws IOException {
    if (!directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return;
    }
    for (String name : List.of("journal.db", "journal.db-wal", "journal.db-shm")) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name))))
          .as(name)
          .isEqualTo("rw-------");
    }
  }

  /** The address is loopback, and there is no token. */
  private void requireNothingForPagesInABrowser() throws IOException {
    String here = "Host: localhost:" + http.port();
    assertThat(http.status("GET /live HTTP/1.1\n" + here)).isEqualTo(200);
    assertThat(http.answer("GET /subscribers HTTP/1.1\n" + here)).startsWith("HTTP/1.1 200");

    for (String details : List.of("/subscribers", "/shadow")) {
      assertThat(http.status("GET " + details + " HTTP/1.1\nHost: rebound.example:8080"))
          .as("a name that was made to mean this machine")
          .isEqualTo(403);
      assertThat(http.status("GET " + details + " HTTP/1.0")).isEqualTo(403);
    }
    for (String change : List.of("/reload", "/act")) {
      String post = "POST " + change + " HTTP/1.1\nContent-Length: 0\n";
      assertThat(http.status(post + here)).as("a form of another page").isEqualTo(403);
      assertThat(http.status(post + "Host: rebound.example\nRowbell-Pipeline: least"))
          .isEqualTo(403);
      assertThat(http.status("GET " + change + " HTTP/1.1\n" + here)).isEqualTo(405);
      String asks =
          http.answer(
              "OPTIONS "
                  + change
                  + " HTTP/1.1\nOrigin: https://page.example\nAccess-Control-Request-Method: POST\n"
                  + "Access-Control-Request-Headers: rowbell-pipeline\n"
                  + here);
      assertThat(asks).startsWith("HTTP/1.1 405").doesNotContainIgnoringCase("access-control");
    }
    assertThat(http.status("GET /nothing HTTP/1.1\n" + here)).isEqualTo(404);
    assertThat(http.status("DELETE /nothing HTTP/1.1\n" + here)).isEqualTo(404);
    assertThat(http.status("GET /live/../status/ HTTP/1.1\n" + here)).isEqualTo(404);
    assertThat(http.answer("GET /metrics HTTP/1.1\n" + here))
        .doesNotContainIgnoringCase("set-cookie");
  }
}
