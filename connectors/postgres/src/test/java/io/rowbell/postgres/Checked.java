package io.rowbell.postgres;

import io.rowbell.model.Operation;
import io.rowbell.model.Requirements;
import io.rowbell.model.Requirements.OfTable;
import io.rowbell.model.RowPredicate;
import io.rowbell.model.TableId;
import io.rowbell.spi.Finding;
import io.rowbell.spi.PublicationPlan;
import io.rowbell.spi.Resume;
import io.rowbell.spi.SourceException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A database as one role sees it in the checks before a start, with what some rules need. */
final class Checked {
  static final String NAME = "rowbell";

  private final TestDatabase database;
  private final SqlConnections connections;
  private final String slot;
  private final Map<TableId, OfTable> tables = new HashMap<>();
  private boolean everyChange;

  private Checked(TestDatabase database, SqlConnections connections, String slot) {
    this.database = database;
    this.connections = connections;
    this.slot = slot;
  }

  /** As the superuser. The slot has the database's name: slots are the whole server's. */
  static Checked by(TestDatabase database) {
    return new Checked(database, database.connections(), database.name());
  }

  static Checked by(TestDatabase database, String role) {
    return new Checked(database, database.connections(role, role), database.name());
  }

  /** A table of schema public: operations and columns as words; {@code old.x} is an old value. */
  Checked needs(String table, String operations, String columns) {
    Set<String> all = words(columns);
    tables.put(
        new TableId("public", table),
        new OfTable(
            words(operations).stream()
                .map(word -> Operation.valueOf(word.toUpperCase(Locale.ROOT)))
                .collect(Collectors.toSet()),
            all.stream().map(word -> word.replace("old.", "")).collect(Collectors.toSet()),
            all.stream()
                .filter(word -> word.startsWith("old."))
                .map(word -> word.substring(4))
                .collect(Collectors.toSet())));
    return this;
  }

  /** The same, of rows of which this holds only. */
  Checked needs(String table, String operations, String columns, @Nullable RowPredicate rows) {
    Checked unused = needs(table, operations, columns);
    tables.computeIfPresent(
        new TableId("public", table),
        (id, of) -> new OfTable(of.operations(), of.columns(), of.oldColumns(), rows, of.unread()));
    return this;
  }

  /** Rules count the changes of all these tables. */
  Checked counts() {
    everyChange = true;
    return this;
  }

  PublicationControl control() {
    CatalogReader catalogs = new CatalogReader(new TypeRegistry(connections));
    return new PublicationControl(connections, catalogs, new PublicationHistory(NAME, null));
  }

  PublicationPlan plan() throws SourceException {
    return control().plan(requirements(), Resume.NEW, /* keysStay= */ false);
  }

  private static Set<String> words(String text) {
    return Arrays.stream(text.split(" ", -1)).filter(w -> !w.isEmpty()).collect(Collectors.toSet());
  }

  Requirements requirements() {
    // Rules that need no table listen to messages.
    return new Requirements(tables, tables.isEmpty() ? Set.of("audit") : Set.of(), everyChange);
  }

  Preflight preflight() {
    return preflight(Duration.ofSeconds(30));
  }

  Preflight preflight(Duration slotWait) {
    CatalogReader catalogs = new CatalogReader(new TypeRegistry(connections));
    return new Preflight(connections, catalogs, slot, new PublicationHistory(NAME, null), slotWait);
  }

  List<Finding> inspect() throws SourceException {
    return inspect(Resume.NEW);
  }

  List<Finding> inspect(Resume resume) throws SourceException {
    return preflight().inspect(requirements(), resume);
  }

  /** What is found in words: code and subject. */
  List<String> codes() throws SourceException {
    return inspect().stream().map(f -> f.code() + " " + f.subject()).toList();
  }

  List<String> apply() throws SourceException {
    return preflight().apply(requirements(), Resume.NEW).done();
  }

  /** The only thing that is found. */
  Finding only() throws SourceException {
    return only(Resume.NEW);
  }

  Finding only(Resume resume) throws SourceException {
    List<Finding> findings = inspect(resume);
    if (findings.size() != 1) {
      throw new AssertionError("not one finding: " + findings);
    }
    return findings.get(0);
  }

  /** Carries the finding's SQL out, statement by statement, as the superuser. */
  Checked mend(Finding finding) throws SQLException {
    for (String statement : finding.sql()) {
      database.execute(statement);
    }
    return this;
  }
}
