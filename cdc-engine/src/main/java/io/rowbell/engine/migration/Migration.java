package io.rowbell.engine.migration;

import io.rowbell.model.Catalog;
import java.util.List;
import java.util.Objects;

/**
 * What a migration makes of the tables.
 *
 * @param catalog the tables after it
 * @param notes what is not certain, in the order of the file
 */
public record Migration(Catalog catalog, List<Note> notes) {
  public Migration {
    Objects.requireNonNull(catalog, "catalog");
    notes = List.copyOf(notes);
  }

  /**
   * Something that is not certain.
   *
   * @param line where, from 1
   * @param understood whether the statement's effect is known but for what the note says; if not,
   *     it may do anything
   * @param what a sentence without a full stop
   */
  public record Note(int line, boolean understood, String what) {}

  /** Whether every statement's effect on tables is known. */
  public boolean isUnderstood() {
    return notes.stream().allMatch(Note::understood);
  }

  /** Applies the statements of an SQL file to a model of the tables. */
  public static Migration of(String sql, Catalog before) {
    EditedCatalog tables = new EditedCatalog(before);
    for (SqlStatement statement : SqlStatement.split(sql)) {
      new StatementReader(statement, tables).read();
    }
    return new Migration(tables.catalog(), tables.notes());
  }
}
