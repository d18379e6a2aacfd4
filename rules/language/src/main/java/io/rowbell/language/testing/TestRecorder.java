package io.rowbell.language.testing;

import io.rowbell.language.Outcome;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleFile;
import io.rowbell.language.RuleSet;
import io.rowbell.language.expression.KeyedHash;
import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Problems;
import io.rowbell.model.Catalog;
import io.rowbell.model.Change;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import io.rowbell.model.Values;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes a test of changes that were made in a database: their steps, and after each transaction
 * what the rules make of them, beginning with no memory. Values of private columns are left out.
 * What is recorded passes: it is found by running it. For one thread.
 *
 * <p>A row that is changed and was not seen before stands before its change as a snapshot's row, as
 * far as the log tells what it was.
 */
public final class TestRecorder {
  private static final String INDENT = "      ";

  private final RuleCompiler compiler;
  private final Catalog catalog;
  private final RuleSet rules;
  private final TestRun run;
  private final StringBuilder steps = new StringBuilder();
  private @Nullable Instant last;
  private int transactions;

  /**
   * @param files the rules
   * @param catalog their tables
   * @param hash the key behind {@code hash(x)} in tests, or null if none is configured
   * @throws IllegalStateException if the rules cannot be used: every issue
   */
  public TestRecorder(List<RuleFile> files, Catalog catalog, @Nullable KeyedHash hash) {
    this.compiler = new RuleCompiler(files, RuleTests.DATABASE, hash);
    this.catalog = catalog;
    this.rules = compiler.compile(catalog).orThrow();
    this.run = new TestRun(rules, new HashSet<>());
  }

  /** How many transactions were recorded. */
  public int transactions() {
    return transactions;
  }

  /**
   * Records a transaction.
   *
   * @param changes all of it, of tables and messages that rules name
   * @throws IllegalArgumentException if it cannot be said as a test: a table without a primary key
   *     or with a private one, or one that was altered
   */
  public void add(List<Change> changes) {
    StringBuilder text = new StringBuilder(pause(changes.get(0).origin().commitTime()));
    List<String> writes = new ArrayList<>();
    List<String> earlier = new ArrayList<>();
    Map<String, @Nullable Object[]> written = new LinkedHashMap<>();
    for (Change change : changes) {
      if (change instanceof Change.Message message) {
        writes.add("message " + word(message.prefix()) + ": " + YamlValue.text(message.content()));
      } else if (change instanceof Change.TableChange row) {
        writes.add(write(row, earlier, written));
      }
    }
    earlier.forEach(line -> text.append(INDENT).append("- ").append(line).append('\n'));
    if (writes.size() == 1) {
      text.append(INDENT).append("- ").append(writes.get(0)).append('\n');
    } else {
      text.append(INDENT).append("- transaction:\n");
      writes.forEach(line -> text.append(INDENT).append("    - ").append(line).append('\n'));
    }
    steps.append(text).append(expectation(perform(text.toString())));
    transactions++;
  }

  /** Whole seconds that went by since the transaction before. */
  private String pause(Instant time) {
    Instant before = last == null ? time : last;
    long seconds = Math.max(0, Duration.between(before, time).toSeconds());
    last = before.plusSeconds(seconds);
    return seconds == 0 ? "" : INDENT + "- wait: " + seconds + "s\n";
  }

  private String write(
      Change.TableChange change, List<String> earlier, Map<String, @Nullable Object[]> written) {
    TableSchema table = change.table();
    if (!rules.knows(table)) {
      throw new IllegalArgumentException(
          "table " + table.id() + " was altered meanwhile: begin again");
    }
    if (change instanceof Change.Truncated) {
      return "truncate " + table.id().sql();
    }
    Set<String> privates = compiler.privateColumns(table, catalog);
    if (table.primaryKey().isEmpty()
        || table.primaryKey().stream()
            .anyMatch(column -> privates.contains(table.column(column).name()))) {
      throw new IllegalArgumentException(
          "changes of "
              + table.id()
              + " cannot be recorded: it has no primary key, or a private one");
    }
    Row row =
        change instanceof Change.Updated updated
            ? updated.after()
            : change instanceof Change.Inserted inserted
                ? inserted.after()
                : ((Change.Deleted) change).before();
    String name = table.id() + " " + columns(row, privates, table.primaryKey());
    if (change instanceof Change.Inserted) {
      written.put(name, values(row, privates, null));
      return "insert " + table.id().sql() + ": " + columns(row, privates, all(table));
    }
    @Nullable Object[] known = written.containsKey(name) ? written.get(name) : run.row(row);
    if (known == null) {
      Row old = change instanceof Change.Updated updated ? updated.before() : row;
      known = values(old, privates, row);
      earlier.add("snapshot " + table.id().sql() + ": " + YamlValue.columns(table, known));
    }
    if (change instanceof Change.Deleted) {
      written.put(name, new @Nullable Object[0]);
      return "delete " + table.id().sql() + ": " + columns(row, privates, table.primaryKey());
    }
    @Nullable Object[] before = known;
    List<Integer> changed =
        all(table).stream()
            .filter(
                column ->
                    table.primaryKey().contains(column)
                        || (row.get(column) != Row.NOT_LOGGED
                            && !Values.same(row.get(column), before[column])))
            .toList();
    written.put(name, merged(before, row, privates));
    return "update " + table.id().sql() + ": " + columns(row, privates, changed);
  }

  private static List<Integer> all(TableSchema table) {
    List<Integer> columns = new ArrayList<>();
    for (int i = 0; i < table.columns().size(); i++) {
      columns.add(i);
    }
    return columns;
  }

  /** The columns of a row that may be told; those that are null and not asked for are left out. */
  private static String columns(Row row, Set<String> privates, List<Integer> chosen) {
    TableSchema table = row.schema();
    boolean whole = chosen.size() == table.columns().size();
    Map<Integer, @Nullable Object> told = new LinkedHashMap<>();
    for (int column : chosen) {
      Object value = row.get(column);
      boolean shown = value != Row.NOT_LOGGED && !(whole && value == null);
      if (shown && !privates.contains(table.column(column).name())) {
        told.put(column, value);
      }
    }
    return YamlValue.columns(table, told);
  }

  /**
   * What is known of a row.
   *
   * @param instead of what is not logged; null for nothing
   */
  private static @Nullable Object[] values(Row row, Set<String> privates, @Nullable Row instead) {
    TableSchema table = row.schema();
    @Nullable Object[] values = new @Nullable Object[table.columns().size()];
    for (int i = 0; i < values.length; i++) {
      Object value = row.get(i);
      if (value == Row.NOT_LOGGED) {
        value = instead == null ? null : instead.get(i);
      }
      boolean known = value != Row.NOT_LOGGED && !privates.contains(table.column(i).name());
      values[i] = known ? value : null;
    }
    return values;
  }

  private static @Nullable Object[] merged(
      @Nullable Object[] before, Row row, Set<String> privates) {
    @Nullable Object[] values = before.clone();
    for (int i = 0; i < values.length; i++) {
      Object value = row.get(i);
      if (value != Row.NOT_LOGGED && !privates.contains(row.schema().column(i).name())) {
        values[i] = value;
      }
    }
    return values;
  }

  private static String word(String prefix) {
    return prefix.matches("[A-Za-z_][A-Za-z0-9_.-]*") ? prefix : '"' + prefix + '"';
  }

  /** Reads the steps as a test is read, and does them. */
  private List<Outcome> perform(String text) {
    Problems problems = new Problems();
    RuleFile file = new RuleFile("(recorded)", "tests:\n  - test: recorded\n    steps:\n" + text);
    List<RuleTest> tests = new TestReader(catalog, rules.shapes(), problems).read(file);
    if (problems.hasErrors() || tests.isEmpty()) {
      throw new IllegalArgumentException(
          "these changes cannot be written as steps:\n"
              + problems.issues().stream().map(Issue::render).collect(Collectors.joining("\n")));
    }
    return run.outcomes(tests.get(0).steps());
  }

  private static String expectation(List<Outcome> outcomes) {
    List<String> events = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Event event) {
        String type = YamlValue.text(event.event().type());
        events.add("{" + type + ": " + event.event().data() + "}");
      } else if (outcome instanceof Outcome.Dead dead) {
        failures.add(
            "{"
                + YamlValue.text(String.valueOf(dead.letter().rule()))
                + ": "
                + dead.letter().code()
                + "}");
      } else if (outcome instanceof Outcome.Halt halt) {
        failures.add("{" + YamlValue.text(halt.rule()) + ": " + halt.code() + "}");
      }
    }
    StringBuilder text = new StringBuilder(INDENT).append("- expect:");
    if (events.isEmpty()) {
      text.append(" none\n");
    } else {
      text.append('\n');
      events.forEach(event -> text.append(INDENT).append("    - ").append(event).append('\n'));
    }
    if (!failures.isEmpty()) {
      text.append(INDENT).append("  fails: [").append(String.join(", ", failures)).append("]\n");
    }
    return text.toString();
  }

  /** The test, as it stands below {@code tests:} in a rule file. */
  public String test(String name) {
    return "  - test: "
        + YamlValue.text(Objects.requireNonNull(name, "name"))
        + "\n    steps:\n"
        + steps;
  }
}
