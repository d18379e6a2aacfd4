package io.rowbell.engine.migration;

import io.rowbell.engine.migration.SqlNames.Qualified;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Alter_table_statementContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Column_actionContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Constr_bodyContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Constraint_commonContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Create_table_statementContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Data_typeContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Define_columnsContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Names_without_overlapsContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Table_actionContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Table_column_defContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Table_column_definitionContext;

/** Does what CREATE TABLE and ALTER TABLE would. */
final class TableReader {
  private final SqlStatement statement;
  private final EditedCatalog tables;
  private final SqlNames names;

  TableReader(SqlStatement statement, EditedCatalog tables) {
    this.statement = statement;
    this.tables = tables;
    this.names = new SqlNames(statement);
  }

  void create(Create_table_statementContext create) {
    Qualified name = names.qualified(create.schema_qualified_name());
    TableId id = tables.id(name.schema(), name.name());
    if (tables.get(id) != null) {
      return; // IF NOT EXISTS; without it the migration fails here
    }
    EditedTable table = EditedTable.empty(id);
    Define_columnsContext columns = create.define_table().define_columns();
    boolean own = columns != null && columns.INHERITS() == null;
    if (columns != null) {
      for (Table_column_defContext part : columns.table_column_def()) {
        own &= part.LIKE() == null;
        if (part.table_column_definition() != null) {
          add(table, part.table_column_definition());
        } else if (part.constraint_common() != null) {
          constraint(table, part.constraint_common(), null);
        }
      }
    }
    if (!own) {
      note("the columns that " + id + " takes from elsewhere are not looked for");
    }
    tables.put(id, table);
  }

  void alter(Alter_table_statementContext alter) {
    Qualified name = names.qualified(alter.schema_qualified_name());
    TableId id = tables.id(name.schema(), name.name());
    EditedTable table = tables.get(id);
    if (table == null) {
      if (alter.if_exists() == null) {
        note("there is no table " + id + ": what is done to it is left aside");
      }
      return;
    }
    if (alter.rename_to() != null) {
      tables.rename(id, new TableId(id.schema(), names.identifier(alter.rename_to().identifier())));
    } else if (alter.set_schema() != null) {
      tables.rename(id, new TableId(names.identifier(alter.set_schema().identifier()), id.name()));
    } else if (alter.RENAME() != null) {
      if (alter.CONSTRAINT() == null) {
        table.rename(names.identifier(alter.identifier(0)), names.identifier(alter.identifier(1)));
      }
    } else {
      alter.table_action().forEach(action -> action(id, table, action));
    }
  }

  private void action(TableId id, EditedTable table, Table_actionContext action) {
    if (action.table_column_definition() != null) {
      boolean there = table.has(names.identifier(action.table_column_definition().identifier()));
      if (!there) {
        add(table, action.table_column_definition());
      }
    } else if (action.drop_constraint() != null) {
      drop(id, table, names.identifier(action.drop_constraint().identifier()));
    } else if (action.constraint_common() != null && action.ADD() != null) {
      constraint(table, action.constraint_common(), null);
    } else if (action.column_action() != null) {
      column(table, names.identifier(action.identifier()), action.column_action());
    } else if (action.IDENTITY() != null && action.REPLICA() != null) {
      identity(id, table, action);
    } else if (action.set_logged() != null && SqlNames.has(action.set_logged(), "UNLOGGED")) {
      tables.note(
          statement.line(),
          false,
          id + " becomes unlogged: its changes are not in the log any more");
    } else if (action.DROP() != null && action.identifier() != null) {
      table.drop(names.identifier(action.identifier()));
    }
  }

  private void column(EditedTable table, String column, Column_actionContext action) {
    if (action.data_type() != null) {
      table.retype(column, type(action.data_type()));
    } else if (action.NOT() != null && action.NULL() != null) {
      table.nullable(column, action.DROP() != null);
    }
  }

  private void identity(TableId id, EditedTable table, Table_actionContext action) {
    if (action.USING() == null) {
      ReplicaIdentity identity =
          action.FULL() != null
              ? ReplicaIdentity.FULL
              : action.NOTHING() != null ? ReplicaIdentity.NOTHING : ReplicaIdentity.DEFAULT;
      table.replicaIdentity(identity, List.of());
      return;
    }
    String index = names.identifier(action.identifier());
    boolean ofKey = index.equals(id.name() + "_pkey");
    table.replicaIdentity(ReplicaIdentity.INDEX, ofKey ? table.primaryKey() : List.of());
    if (!ofKey) {
      note("which columns index " + index + " has is not known here: taken for none");
    }
  }

  /** The catalog does not know the names of constraints; PostgreSQL's own for a primary key is. */
  private void drop(TableId id, EditedTable table, String constraint) {
    if (constraint.equals(id.name() + "_pkey")) {
      table.primaryKey(List.of());
    } else if (table.isIdentifiedByIndex()) {
      tables.noteIdentityMayGo(
          statement.line(),
          "constraint " + constraint + " may have the index that is",
          List.of(id));
    } else if (!table.primaryKey().isEmpty()) {
      note(
          "constraint "
              + constraint
              + " is taken for another than the primary key of "
              + id
              + ", which is called "
              + id.name()
              + "_pkey unless it was named");
    }
  }

  private void add(EditedTable table, Table_column_definitionContext definition) {
    String name = names.identifier(definition.identifier());
    if (definition.data_type() == null) {
      return;
    }
    String written = statement.source(definition.data_type()).toLowerCase(java.util.Locale.ROOT);
    table.add(new Column(name, type(definition.data_type()), !written.contains("serial")));
    definition.constraint_common().forEach(each -> constraint(table, each, name));
  }

  /**
   * @param column the column that it is a part of, or null
   */
  private void constraint(
      EditedTable table, Constraint_commonContext constraint, @Nullable String column) {
    Constr_bodyContext body = constraint.constr_body();
    if (body.PRIMARY() != null) {
      table.primaryKey(column == null ? columns(body) : List.of(column));
      if (column == null && body.names_without_overlaps() == null) {
        note("which columns the index of this primary key has is not known here: taken for none");
      }
    } else if (column != null && body.NOT() != null && body.NULL() != null) {
      table.nullable(column, false);
    } else if (column != null && body.identity_body() != null) {
      table.nullable(column, false);
    }
  }

  private List<String> columns(Constr_bodyContext body) {
    Names_without_overlapsContext listed = body.names_without_overlaps();
    List<String> columns = new ArrayList<>();
    if (listed != null) {
      listed.schema_qualified_name().forEach(name -> columns.add(names.qualified(name).name()));
    }
    return columns;
  }

  private ColumnType type(Data_typeContext context) {
    ColumnType type = SqlTypes.of(statement.source(context), tables);
    String unknown = SqlTypes.unknown(type);
    if (unknown != null) {
      note("type " + unknown + " is taken for text of a type of its own");
    }
    return type;
  }

  private void note(String what) {
    tables.note(statement.line(), true, what);
  }
}
