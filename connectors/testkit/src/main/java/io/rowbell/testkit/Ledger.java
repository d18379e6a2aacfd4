package io.rowbell.testkit;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Accounts and the ledger of what was written to them: the tables of {@link LedgerWorkload}, and
 * the two witnesses of what was committed. One is the tables themselves; the other a replication
 * slot of its own, which PostgreSQL decodes at the end with {@code test_decoding}: it has the order
 * of commits.
 *
 * <p>Every ledger row is one movement of one account; the account's version counts its updates. So
 * each account's events tell by themselves if one is missing, repeated or out of order.
 */
public final class Ledger implements AutoCloseable {
  /** How many accounts all writers share; each has one of its own beside them. */
  static final int SHARED_ACCOUNTS = 10;

  private static final int OWN_ACCOUNTS_FROM = 1_000;
  private static final int MOST_WRITERS = 16;
  private static final Pattern CHANGE =
      Pattern.compile("^table public\\.(ledger|accounts): (INSERT|UPDATE): (.*)$", Pattern.DOTALL);
  private static final Pattern COLUMN = Pattern.compile("(\\w+)\\[[^\\]]*]:('(?:[^']|'')*'|\\S+)");

  private final PostgresServer server;
  private final String database;
  private final String slot;
  private @Nullable List<Fact> kept;

  private Ledger(PostgresServer server, String database) {
    this.server = server;
    this.database = database;
    this.slot = database + "_witness";
  }

  /** Makes the tables in a database that has none, and the second slot. */
  public static Ledger create(PostgresServer server, String database) throws SQLException {
    Ledger ledger = new Ledger(server, database);
    server.execute(
        database,
        """
        CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL, version bigint NOT NULL);
        CREATE TABLE ledger (id bigint PRIMARY KEY, account int NOT NULL, amount bigint NOT NULL, tx text NOT NULL);
        CREATE INDEX ledger_tx ON ledger (tx);
        INSERT INTO accounts SELECT n, 0, 0 FROM generate_series(1, %d) n;
        INSERT INTO accounts SELECT %d + n, 0, 0 FROM generate_series(0, %d) n
        """
            .formatted(SHARED_ACCOUNTS, OWN_ACCOUNTS_FROM, MOST_WRITERS - 1));
    server.query(
        database,
        "SELECT pg_create_logical_replication_slot('" + ledger.slot + "', 'test_decoding')");
    return ledger;
  }

  /**
   * The rules that make an event of each ledger row and of each update of an account.
   *
   * @param topic where all of them go
   */
  public static String rules(String topic) {
    return """
    rules: v1
    defaults: {to: "%s"}
    triggers:
      - event: Entered
        on: insert ledger
        key: string(account)
        data: {id, account, amount, tx}
      - event: BalanceChanged
        on: update accounts
        key: string(id)
        data: {id, balance, version}
    """
        .formatted(topic);
  }

  /** Whether an event is one that {@link #rules} makes. */
  public static boolean tells(JournalEvent event) {
    return event.type().equals("Entered") || event.type().equals("BalanceChanged");
  }

  static int ownAccount(int writer) {
    if (writer >= MOST_WRITERS) {
      throw new IllegalArgumentException("at most " + MOST_WRITERS + " writers");
    }
    return OWN_ACCOUNTS_FROM + writer;
  }

  PostgresServer server() {
    return server;
  }

  /** The database's name. */
  public String database() {
    return database;
  }

  /**
   * One thing that was committed, as an event must tell it.
   *
   * @param what {@code Entered ID} or {@code BalanceChanged ACCOUNT VERSION}
   * @param key the account
   */
  record Fact(String what, String key) {
    static Fact entered(String id, String account) {
      return new Fact("Entered " + id, account);
    }

    static Fact balance(String account, String version) {
      return new Fact("BalanceChanged " + account + " " + version, account);
    }

    static Fact of(JournalEvent event) {
      return event.type().equals("Entered")
          ? entered(Long.toString(event.number("id")), Long.toString(event.number("account")))
          : balance(Long.toString(event.number("id")), Long.toString(event.number("version")));
    }
  }

  /** How many events there must be of what is committed now. */
  public long expectedEvents() throws SQLException {
    return Long.parseLong(
        String.valueOf(
            server.queryOne(
                database,
                "SELECT (SELECT count(*) FROM ledger) + (SELECT sum(version) FROM accounts)")));
  }

  /** The balance of each account. */
  Map<String, Long> balances() throws SQLException {
    Map<String, Long> balances = new TreeMap<>();
    for (var row : server.query(database, "SELECT id, balance FROM accounts WHERE version > 0")) {
      balances.put(String.valueOf(row.get(0)), Long.valueOf(String.valueOf(row.get(1))));
    }
    return balances;
  }

  /**
   * Nothing more will be written: looks now what was committed, as a fault is to come that the
   * second slot does not outlive.
   */
  public void keep() throws SQLException {
    kept = committed();
  }

  /**
   * What was committed, in the order of commits.
   *
   * @throws IllegalStateException if the two witnesses differ
   */
  List<Fact> committed() throws SQLException {
    if (kept != null) {
      return kept;
    }
    List<Fact> decoded = decoded();
    Map<String, Long> counts = new HashMap<>();
    decoded.forEach(fact -> counts.merge(fact.what(), 1L, Long::sum));
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.setFetchSize(10_000);
      try (ResultSet row =
          statement.executeQuery(
              """
              SELECT 'Entered ' || id FROM ledger
              UNION ALL
              SELECT 'BalanceChanged ' || id || ' ' || v FROM accounts, generate_series(1, version) v
              """)) {
        while (row.next()) {
          String what = row.getString(1);
          Long count = counts.remove(what);
          if (count == null || count != 1) {
            throw new IllegalStateException(
                "the witnesses differ: the tables have " + what + ", the slot has it " + count);
          }
        }
      }
    }
    if (!counts.isEmpty()) {
      throw new IllegalStateException(
          "the witnesses differ: the tables do not have " + counts.keySet());
    }
    return decoded;
  }

  private List<Fact> decoded() throws SQLException {
    List<Fact> facts = new ArrayList<>();
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.setFetchSize(10_000);
      try (ResultSet row =
          statement.executeQuery(
              // Rows of other tables may be larger than this process.
              """
              SELECT data FROM pg_logical_slot_peek_changes('%s', NULL, NULL, 'skip-empty-xacts', '1')
              WHERE data LIKE 'table public.ledger: %%' OR data LIKE 'table public.accounts: %%'
              """
                  .formatted(slot))) {
        while (row.next()) {
          Matcher change = CHANGE.matcher(row.getString(1));
          if (change.matches()) {
            Map<String, String> columns = columns(change.group(3));
            String id = columns.getOrDefault("id", "?");
            if (change.group(1).equals("accounts")) {
              facts.add(Fact.balance(id, columns.getOrDefault("version", "?")));
            } else if (change.group(2).equals("INSERT")) {
              facts.add(Fact.entered(id, columns.getOrDefault("account", "?")));
            }
          }
        }
      }
    }
    return facts;
  }

  private static Map<String, String> columns(String text) {
    Map<String, String> columns = new HashMap<>();
    Matcher column = COLUMN.matcher(text);
    while (column.find()) {
      columns.put(column.group(1), column.group(2));
    }
    return columns;
  }

  /** Drops the second slot, which holds the log. */
  @Override
  public void close() throws SQLException {
    server.query(
        database,
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '"
            + slot
            + "'");
  }
}
