package io.rowbell.engine;

import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import io.rowbell.spi.Finding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Whether the tables in the file are still those of the database. */
final class TableDifferences {
  private static final int SHOWN = 5;

  private TableDifferences() {}

  /** A warning if there is a file, and it is not what the database has; else empty. */
  static Optional<Finding> find(Path directory, Catalog live) {
    Path file = directory.resolve(TableFile.NAME);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    String message;
    try {
      List<String> differences = between(TableFile.read(file), live);
      if (differences.isEmpty()) {
        return Optional.empty();
      }
      int more = differences.size() - SHOWN;
      message =
          "it is not what the database has: "
              + String.join("; ", differences.subList(0, Math.min(SHOWN, differences.size())))
              + (more > 0 ? "; and " + more + " more" : "");
    } catch (EngineException e) {
      message = String.valueOf(e.getMessage());
    }
    return Optional.of(
        new Finding(
            Finding.Severity.WARNING,
            "W250",
            TableFile.NAME,
            message,
            "run 'rowbell schema pull': tests and 'check --offline' use the file",
            List.of()));
  }

  /** What differs, each in a few words. */
  static List<String> between(Catalog file, Catalog live) {
    List<String> differences = new ArrayList<>();
    if (!file.searchPath().equals(live.searchPath())) {
      differences.add("the search path is " + String.join(", ", live.searchPath()));
    }
    Set<TableId> ids = new TreeSet<>(file.tables().keySet());
    ids.addAll(live.tables().keySet());
    for (TableId id : ids) {
      TableSchema old = file.tables().get(id);
      TableSchema now = live.tables().get(id);
      if (old == null) {
        differences.add(id + " is new");
      } else if (now == null) {
        differences.add(id + " is gone");
      } else if (!old.equals(now)) {
        table(old, now, differences);
      }
    }
    return differences;
  }

  private static void table(TableSchema old, TableSchema now, List<String> differences) {
    int before = differences.size();
    for (Column column : now.columns()) {
      int index = old.indexOf(column.name()).orElse(-1);
      String name = now.id() + "." + column.name();
      if (index < 0) {
        differences.add(name + " is new");
      } else if (!old.column(index).type().equals(column.type())) {
        differences.add(
            name
                + (old.column(index).type().sqlName().equals(column.type().sqlName())
                    ? " has another " + column.type()
                    : " is " + column.type() + " and was " + old.column(index).type()));
      } else if (old.column(index).nullable() != column.nullable()) {
        differences.add(name + (column.nullable() ? " may be null" : " is NOT NULL"));
      }
    }
    for (Column column : old.columns()) {
      if (now.indexOf(column.name()).isEmpty()) {
        differences.add(now.id() + "." + column.name() + " is gone");
      }
    }
    if (old.replicaIdentity() != now.replicaIdentity()) {
      differences.add(now.id() + " has REPLICA IDENTITY " + now.replicaIdentity());
    }
    if (differences.size() == before) {
      differences.add("the key of " + now.id() + ", or the order of its columns");
    }
  }
}
