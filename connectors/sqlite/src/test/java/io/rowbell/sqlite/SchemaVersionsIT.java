package io.rowbell.sqlite;

import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.ByteSize;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.ParkedKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal of an earlier version goes on, and becomes the same as a new one. */
class SchemaVersionsIT {
  private final SqliteJournalFactory factory = new SqliteJournalFactory();

  @TempDir private Path directory;

  private SqliteSettings settings(String file) {
    return new SqliteSettings(directory.resolve(file), Duration.ofDays(7), ByteSize.parse("1GiB"));
  }

  private AdapterContext context() {
    return new AdapterContext("shop", directory, Map.of());
  }

  private Connection connect(String file) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + directory.resolve(file));
  }

  @Test
  void aJournalOfVersionOneIsTakenOver() throws Exception {
    try (Connection connection = connect("old.db");
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(versionOne());
      statement.executeUpdate("PRAGMA application_id = " + Schema.APPLICATION);
      statement.executeUpdate("PRAGMA user_version = 1");
      statement.executeUpdate("INSERT INTO journal (one, pipeline) VALUES (1, 'shop')");
      statement.executeUpdate("INSERT INTO cursor VALUES ('s', 1)");
      statement.executeUpdate("INSERT INTO parked_key VALUES ('s', 't', 'k')");
      statement.executeUpdate(
          "INSERT INTO dead_letter VALUES (1, zeroblob(16), 's', 'r', 't', 'k', 0, 'X501', 'no',"
              + " '{}')");
    }
    assertThatThrownBy(() -> factory.readSubscribers(settings("old.db"), context()))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("older Rowbell");
    ParkedKey key = new ParkedKey("t", "k");
    try (Journal journal = factory.open(settings("old.db"), context());
        Subscription subscription = journal.subscribe("s", Set.of(), Start.LATEST)) {
      assertThat(subscription.parkedKeys()).containsExactly(key);
      assertThat(subscription.isPaused()).isFalse();
      assertThat(subscription.deadLetters(key, 9, Long.MAX_VALUE))
          .extracting(DeadLetter::delivery)
          .containsOnlyNulls()
          .hasSize(1);
      journal.append(batch(1, event("A", "k", 1)));
    }
    factory.open(settings("new.db"), context()).close();
    assertThat(columns("old.db")).isEqualTo(columns("new.db"));
  }

  private static String versionOne() throws IOException {
    try (InputStream resource =
        Objects.requireNonNull(SchemaVersionsIT.class.getResourceAsStream("schema-1.sql"))) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Every column of every table and view, and every index. */
  private List<String> columns(String file) throws SQLException {
    try (Connection connection = connect(file);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT m.type, m.name, c.name, c.type, c.\"notnull\", c.dflt_value"
                    + " FROM sqlite_master m LEFT JOIN pragma_table_info(m.name) c"
                    + " ORDER BY m.type, m.name, c.cid")) {
      List<String> columns = new ArrayList<>();
      while (rows.next()) {
        columns.add(
            String.join(
                " ",
                rows.getString(1),
                rows.getString(2),
                rows.getString(3),
                rows.getString(4),
                rows.getString(5),
                rows.getString(6)));
      }
      return columns;
    }
  }
}
