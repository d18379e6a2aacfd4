package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.ExitCode;
import io.rowbell.testkit.LedgerWorkload;
import io.rowbell.testkit.TcpProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The role's password is rotated while the engine runs. */
class PasswordIT {
  private static final int COMMITS_BETWEEN = 15;

  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F28 password rotated, with the file and without it")
  void f28PasswordRotated(JournalKind journal) throws Exception {
    String role = "f28_" + journal.label();
    FaultServers.postgres()
        .execute("postgres", "CREATE ROLE %s LOGIN SUPERUSER PASSWORD 'canary-0'".formatted(role));
    write("canary-0");
    CaseSettings settings = CaseSettings.USUAL.login(role, "${file:password}");
    try (FaultCase fault = FaultCase.begin("F28", journal, directory, settings)) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      int rotations = FaultOptions.faults(2, 50);
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        for (int i = 1; i <= rotations; i++) {
          load.awaitCommits(COMMITS_BETWEEN);
          write("canary-" + i);
          rotate(fault, role, "canary-" + i);
          // Either connection may be the one that finds out.
          fault.proxy().cut(i % 2 == 0 ? TcpProxy.Kind.SQL : TcpProxy.Kind.REPLICATION);
          fault.passed();
          fault.recovered(fault.awaitProgress(engine));
        }
        assertThat(engine.output()).contains("gives another one by now");

        rotate(fault, role, "canary-last");
        fault.proxy().cut();
        engine.awaitEnd(ExitCode.SOURCE_UNREACHABLE, "refused the password of role '" + role + "'");
        fault.injected();
        assertThat(engine.output()).doesNotContain("canary-");
      }
      write("canary-last");
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }

  private static void rotate(FaultCase fault, String role, String password) throws SQLException {
    fault.postgres().execute("postgres", "ALTER ROLE %s PASSWORD '%s'".formatted(role, password));
  }

  /** As whoever rotates secrets should: nobody ever reads half of it. */
  private void write(String password) throws Exception {
    Path next = Files.writeString(directory.resolve("password.next"), password + "\n");
    Files.move(
        next,
        directory.resolve("password"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
