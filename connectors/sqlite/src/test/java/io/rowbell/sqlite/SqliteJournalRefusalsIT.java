package io.rowbell.sqlite;

import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.Position;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.ByteSize;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalException.Kind;
import io.rowbell.spi.JournalFactory;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteJournalRefusalsIT {
  private final SqliteJournalFactory factory = new SqliteJournalFactory();

  @TempDir Path directory;

  private Journal open(Path file) throws JournalException {
    return open(file, "shop");
  }

  private Journal open(Path file, String pipeline) throws JournalException {
    return factory.open(
        new SqliteSettings(file, Duration.ofDays(7), ByteSize.parse("1GiB")),
        new AdapterContext(pipeline, directory, Map.of()));
  }

  private void assertRefused(Kind kind, Path file, String... words) {
    assertThatThrownBy(() -> open(file).close())
        .isInstanceOfSatisfying(JournalException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(words);
  }

  private static void execute(Path file, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  @Test
  void isFoundByItsName() {
    assertThat(ServiceLoader.load(JournalFactory.class))
        .anySatisfy(found -> assertThat(found.name()).isEqualTo("sqlite"));
  }

  @Test
  void aRelativeFileIsBelowTheConfigurationAndItsDirectoryIsMade() throws Exception {
    open(Path.of("a", "b", "journal.db")).close();
    assertThat(directory.resolve("a/b/journal.db")).isRegularFile();
  }

  @Test
  void settingsThatCannotBeAreRefused() {
    AdapterContext context = new AdapterContext("shop", directory, Map.of());
    Path file = Path.of("journal.db");
    assertThatThrownBy(
            () ->
                factory.open(
                    new SqliteSettings(file, Duration.ofDays(7), ByteSize.parse("512KiB")),
                    context))
        .isInstanceOfSatisfying(
            InvalidSettingException.class, e -> assertThat(e.key()).isEqualTo("max-size"));
    assertThatThrownBy(
            () ->
                factory.open(
                    new SqliteSettings(file, Duration.ofDays(-7), ByteSize.parse("1GiB")), context))
        .isInstanceOfSatisfying(
            InvalidSettingException.class, e -> assertThat(e.key()).isEqualTo("retention"));
  }

  /** On Linux an open file that is removed goes on taking writes, and they are gone with it. */
  @Test
  void aFileThatIsRemovedOrReplacedTakesNoMoreAppends() throws Exception {
    for (boolean replaced : new boolean[] {false, true}) {
      Path file = directory.resolve(replaced + ".db");
      try (Journal journal = open(file)) {
        journal.append(batch(1, List.of(event("A", "k", 1))));
        Files.delete(file);
        if (replaced) {
          Files.createFile(file);
        }
        for (int attempt = 0; attempt < 2; attempt++) {
          assertThatThrownBy(() -> journal.append(batch(2, List.of(event("A", "k", 2)))))
              .isInstanceOfSatisfying(
                  JournalException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FATAL))
              .hasMessageContaining("was removed or replaced while the engine ran");
        }
      }
    }
  }

  @Test
  void anotherPipelinesJournalIsRefused() throws Exception {
    Path file = directory.resolve("journal.db");
    open(file, "one").close();
    assertThatThrownBy(() -> open(file, "two"))
        .isInstanceOf(JournalException.class)
        .hasMessageContainingAll("'one'", "'two'");
    SqliteSettings settings = new SqliteSettings(file, Duration.ofDays(7), ByteSize.parse("1GiB"));
    assertThatThrownBy(() -> factory.peek(settings, new AdapterContext("two", directory, Map.of())))
        .isInstanceOf(JournalException.class)
        .hasMessageContainingAll("'one'", "'two'");
    open(file, "one").close();
  }

  @Test
  void aLookLeavesNoTrace() throws Exception {
    Path file = directory.resolve("d/journal.db");
    SqliteSettings settings = new SqliteSettings(file, Duration.ofDays(7), ByteSize.parse("1GiB"));
    AdapterContext context = new AdapterContext("shop", directory, Map.of());
    assertThat(factory.peek(settings, context)).isEmpty();
    assertThat(file.getParent()).doesNotExist();
    Files.createDirectory(file.getParent());
    Files.createFile(file);
    assertThat(factory.peek(settings, context)).as("an empty file").isEmpty();
    assertThat(file).isEmptyFile();
  }

  @Test
  void whatIsNoDatabaseIsRefusedAndLeftAlone() throws Exception {
    Path file = directory.resolve("journal.db");
    String text = "a text file that is longer than the header of a database\n".repeat(20);
    Files.writeString(file, text);
    assertRefused(Kind.FATAL, file, "no SQLite file");
    assertThat(file).hasContent(text);
  }

  @Test
  void anotherProgramsDatabaseIsRefusedAndLeftAlone() throws Exception {
    Path file = directory.resolve("journal.db");
    execute(file, "CREATE TABLE theirs (id INTEGER)");
    assertRefused(Kind.FATAL, file, "another program");
    assertThatThrownBy(
            () ->
                factory.openReader(
                    new SqliteSettings(file, Duration.ofDays(7), ByteSize.parse("1GiB")),
                    new AdapterContext("shop", directory, Map.of())))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("another program");
  }

  @Test
  void aNewerVersionIsRefused() throws Exception {
    Path file = directory.resolve("journal.db");
    open(file).close();
    execute(file, "PRAGMA user_version = 3");
    assertRefused(Kind.FATAL, file, "newer Rowbell", "3");
  }

  @Test
  void aDamagedFileIsSaidToBe() throws Exception {
    Path file = directory.resolve("journal.db");
    try (Journal journal = open(file)) {
      for (int n = 1; n < 50; n++) {
        journal.append(batch(n, event("A", "k", n), event("A", "k", -n)));
      }
    }
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      // The schema stays readable, all behind it does not.
      byte[] noise = new byte[(int) bytes.length() - 8_192];
      java.util.Arrays.fill(noise, (byte) 0xA5);
      bytes.seek(8_192);
      bytes.write(noise);
    }
    assertRefused(Kind.FATAL, file, "damaged");
  }

  @Test
  void aDirectoryOrAFileInPlaceOfADirectoryIsRefused() throws Exception {
    assertRefused(Kind.FATAL, Files.createDirectory(directory.resolve("d")), "no file");
    Path inTheWay = Files.writeString(directory.resolve("f"), "");
    assertThatThrownBy(() -> open(inTheWay.resolve("journal.db")))
        .isInstanceOfSatisfying(
            JournalException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FATAL))
        .hasMessageContaining("is no directory");
  }

  @Test
  void aDirectoryThatMayNotBeWrittenIsRefused() throws Exception {
    Path readOnly = Files.createDirectory(directory.resolve("readonly"));
    Path file = readOnly.resolve("journal.db");
    open(file).close();
    assumeTrue(readOnly.toFile().setWritable(false));
    assumeTrue(!Files.isWritable(readOnly), "root may write anywhere");
    assertRefused(Kind.FATAL, file, "must be writable");
  }

  @Test
  void aFullDiskIsSaidToBeAndLeavesNothingHalf() throws Exception {
    Path disk = Files.createDirectory(directory.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk.toString()),
        "only root mounts a small disk");
    try {
      Path file = disk.resolve("journal.db");
      Path ballast = disk.resolve("ballast");
      Files.write(ballast, new byte[1 << 20]);
      try (Journal journal = open(file)) {
        journal.subscribe("audit", Set.of(), Start.EARLIEST).close();
        int appended = 0;
        JournalException full = null;
        while (full == null) {
          int n = appended + 1;
          full =
              catchThrowableOfType(
                  JournalException.class, () -> journal.append(batch(n, events(n))));
          appended += full == null ? 1 : 0;
        }
        assertThat(full.kind()).isEqualTo(Kind.FULL);
        assertThat(full).hasMessageContaining("disk");
        assertThat(journal.resume().checkpoint()).isEqualTo(Checkpoint.at(new Position(appended)));
        Files.delete(ballast);
        journal.append(batch(appended + 1, events(appended + 1)));
      }
      try (Journal journal = open(file)) {
        assertThat(journal.status().lag().getOrDefault("audit", -1L) % 100).isZero();
      }
    } finally {
      run("umount", disk.toString());
    }
  }

  private static List<io.rowbell.model.DomainEvent> events(int n) {
    return IntStream.range(n * 100, (n + 1) * 100).mapToObj(i -> event("A", "k", i)).toList();
  }

  private static boolean run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  @Test
  void theViewsAreForPeople() throws Exception {
    Path file = directory.resolve("journal.db");
    try (Journal journal = open(file)) {
      journal.append(batch(0x16B3748, event("OrderPaid", "7", 1)));
    }
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      try (ResultSet row = statement.executeQuery("SELECT * FROM events")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getLong("seq")).isEqualTo(1);
        assertThat(row.getString("id")).isEqualTo(event("A", null, 1).id().toString());
        assertThat(row.getString("type")).isEqualTo("OrderPaid");
        assertThat(row.getString("topic")).isEqualTo("shop.events");
        assertThat(row.getString("key")).isEqualTo("7");
        assertThat(row.getString("time")).isEqualTo("2026-11-20T08:15:30.123457Z");
        assertThat(row.getString("source")).isEqualTo("/shop/public.orders");
        assertThat(row.getInt("version")).isEqualTo(1);
        assertThat(row.getString("extensions")).isEqualTo("{}");
      }
      try (ResultSet row =
          statement.executeQuery("SELECT data ->> '$.note', position FROM events, journal")) {
        assertThat(row.getString(1)).isEqualTo("é€😀");
        assertThat(row.getString(2)).isEqualTo("0/16B3748");
      }
    }
  }
}
