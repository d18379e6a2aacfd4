package io.rowbell.postgres;

import io.rowbell.model.Operation;
import io.rowbell.model.RowPredicate;
import io.rowbell.model.SqlIdentifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The statements that make and alter one publication. */
final class PublicationSql {
  /** What a publication can publish, in the order in which PostgreSQL lists it. */
  static final List<Operation> OPERATIONS =
      List.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.TRUNCATE);

  private final String name;

  PublicationSql(String publication) {
    this.name = SqlIdentifier.quote(publication);
  }

  /**
   * A table as it is to be published.
   *
   * @param columns in the table's order; null for all
   * @param rows null for all
   */
  record Entry(TableFacts table, @Nullable List<String> columns, @Nullable RowPredicate rows) {
    static Entry whole(TableFacts table) {
      return new Entry(table, null, null);
    }

    String sql() {
      return only(table)
          + (columns == null
              ? ""
              : columns.stream()
                  .map(SqlIdentifier::quoteAlways)
                  .collect(Collectors.joining(", ", " (", ")")))
          + (rows == null ? "" : " WHERE (" + FilterSql.write(rows) + ")");
    }
  }

  String create(
      Collection<Entry> tables, Set<Operation> operations, boolean viaRoot, boolean stored) {
    List<String> options = new ArrayList<>();
    if (!operations.isEmpty() && !operations.containsAll(OPERATIONS)) {
      options.add("publish = '" + words(operations) + "'");
    }
    if (viaRoot) {
      options.add("publish_via_partition_root = true");
    }
    if (stored) {
      options.add("publish_generated_columns = stored");
    }
    return "CREATE PUBLICATION "
        + name
        + (tables.isEmpty()
            ? ""
            : " FOR TABLE " + tables.stream().map(Entry::sql).collect(Collectors.joining(", ")))
        + (options.isEmpty() ? "" : " WITH (" + String.join(", ", options) + ")");
  }

  String add(TableFacts table) {
    return "ALTER PUBLICATION " + name + " ADD TABLE " + only(table);
  }

  /** Exactly these tables; those that stay as they are count as never taken out. */
  String setTables(Collection<Entry> tables) {
    return "ALTER PUBLICATION "
        + name
        + " SET TABLE "
        + tables.stream().map(Entry::sql).collect(Collectors.joining(", "));
  }

  /** Takes a column list and a row filter off. */
  List<String> addWhole(TableFacts table) {
    return List.of("ALTER PUBLICATION " + name + " DROP TABLE " + only(table), add(table));
  }

  String publish(Set<Operation> operations) {
    return set("publish = '" + words(operations) + "'");
  }

  String publishViaRoot() {
    return set("publish_via_partition_root = true");
  }

  String publishStored() {
    return set("publish_generated_columns = stored");
  }

  private String set(String option) {
    return "ALTER PUBLICATION " + name + " SET (" + option + ")";
  }

  static String words(Collection<Operation> operations) {
    return OPERATIONS.stream()
        .filter(operations::contains)
        .map(Operation::word)
        .collect(Collectors.joining(", "));
  }

  /** Exactly this table, and not those that inherit from it. */
  private static String only(TableFacts table) {
    return table.inherited() ? "ONLY " + table.sql() : table.sql();
  }
}
