package io.rowbell.engine.migration;

import io.rowbell.engine.migration.SqlNames.Qualified;
import io.rowbell.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Alter_type_statementContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Create_type_statementContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Drop_statementsContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Schema_qualified_nameContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Session_local_optionContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Set_statementContext;

/** Does to the tables what one statement would. */
final class StatementReader {
  /** What these begin with changes no table that is there. */
  private static final Set<String> HARMLESS_CREATES =
      Set.of(
          "aggregate",
          "cast",
          "collation",
          "conversion",
          "domain",
          "extension",
          "function",
          "index",
          "materialized",
          "operator",
          "or",
          "policy",
          "procedure",
          "role",
          "rule",
          "schema",
          "sequence",
          "statistics",
          "trigger",
          "unique",
          "user",
          "view",
          "recursive",
          "constraint",
          "comment",
          "grant",
          "revoke",
          "security",
          "foreign",
          "server");

  private static final Set<String> HARMLESS_ALTERS =
      Set.of(
          "aggregate",
          "collation",
          "conversion",
          "default",
          "domain",
          "function",
          "index",
          "materialized",
          "operator",
          "policy",
          "procedure",
          "role",
          "routine",
          "rule",
          "sequence",
          "statistics",
          "trigger",
          "user",
          "view");

  private static final Set<String> HARMLESS_DROPS =
      Set.of(
          "aggregate",
          "cast",
          "collation",
          "conversion",
          "function",
          "index",
          "materialized",
          "operator",
          "policy",
          "procedure",
          "role",
          "routine",
          "rule",
          "sequence",
          "statistics",
          "trigger",
          "user",
          "view");

  private final SqlStatement statement;
  private final EditedCatalog tables;
  private final SqlNames names;

  StatementReader(SqlStatement statement, EditedCatalog tables) {
    this.statement = statement;
    this.tables = tables;
    this.names = new SqlNames(statement);
  }

  void read() {
    SQLParser.StatementContext tree = statement.parse();
    if (tree == null) {
      unknown();
    } else if (tree.data_statement() != null) {
      return; // rows come and go, tables stay
    } else if (tree.script_statement() != null) {
      script(tree.script_statement());
    } else if (tree.schema_statement() != null) {
      schema(tree.schema_statement());
    } else {
      unknown();
    }
  }

  private void unknown() {
    String line = statement.text().lines().findFirst().orElse("");
    tables.note(
        statement.line(),
        false,
        "not understood: " + line.substring(0, Math.min(60, line.length())));
  }

  /** A block of code may do anything. */
  private void script(SQLParser.Script_statementContext script) {
    SQLParser.Script_additionalContext additional = script.script_additional();
    if (additional != null
        && additional.additional_statement() != null
        && additional.additional_statement().anonymous_block() != null) {
      unknown();
    }
  }

  private void schema(SQLParser.Schema_statementContext schema) {
    if (schema.schema_alter() != null) {
      alter(schema.schema_alter());
    } else if (schema.schema_create() != null) {
      create(schema.schema_create());
    } else if (schema.schema_drop() != null) {
      drop(schema.schema_drop());
    } else {
      unknown();
    }
  }

  /** The word behind the first. */
  private String kind() {
    String[] words = statement.text().strip().toLowerCase(java.util.Locale.ROOT).split("\\s+", 3);
    return words.length < 2 ? "" : words[1];
  }

  private String verb() {
    return statement.text().strip().toLowerCase(java.util.Locale.ROOT).split("\\s+", 2)[0];
  }

  private void alter(SQLParser.Schema_alterContext alter) {
    if (alter.alter_table_statement() != null) {
      new TableReader(statement, tables).alter(alter.alter_table_statement());
    } else if (alter.alter_type_statement() != null) {
      type(alter.alter_type_statement());
    } else if (alter.alter_schema_statement() != null
        && alter.alter_schema_statement().rename_to() != null) {
      tables.renameSchema(
          names.identifier(alter.alter_schema_statement().identifier()),
          names.identifier(alter.alter_schema_statement().rename_to().identifier()));
    } else if (alter.alter_owner_statement() == null && !HARMLESS_ALTERS.contains(kind())) {
      unknown();
    }
  }

  private void type(Alter_type_statementContext alter) {
    String type = typeName(alter.schema_qualified_name());
    List<String> labels = tables.labels(type);
    if (alter.rename_to() != null) {
      tables.renameType(type, names.identifier(alter.rename_to().identifier()));
    } else if (alter.VALUE() != null && labels != null) {
      List<String> changed = new ArrayList<>(labels);
      String label = names.text(alter.sconst(0));
      if (alter.RENAME() != null) {
        String to = names.text(alter.sconst(1));
        changed.replaceAll(each -> each.equals(label) ? to : each);
      } else if (!changed.contains(label)) {
        int at = alter.sconst().size() < 2 ? -1 : changed.indexOf(names.text(alter.sconst(1)));
        changed.add(at < 0 ? changed.size() : alter.BEFORE() != null ? at : at + 1, label);
      }
      tables.relabel(type, changed);
    }
  }

  private String typeName(Schema_qualified_nameContext name) {
    return SqlTypes.name(statement.source(name));
  }

  private void create(SQLParser.Schema_createContext create) {
    if (create.create_table_statement() != null) {
      new TableReader(statement, tables).create(create.create_table_statement());
    } else if (create.create_table_as_statement() != null) {
      tables.note(
          statement.line(), true, "a table made of a query is taken for one that no rule names");
    } else if (create.create_type_statement() != null) {
      type(create.create_type_statement());
    } else if (create.set_statement() != null) {
      set(create.set_statement());
    } else if (!HARMLESS_CREATES.contains(verb()) && !HARMLESS_CREATES.contains(kind())) {
      unknown();
    }
  }

  private void type(Create_type_statementContext create) {
    if (create.ENUM() != null) {
      List<String> labels = create.sconst().stream().map(names::text).toList();
      tables.makeEnum(typeName(create.schema_qualified_name(0)), labels);
    }
  }

  private void set(Set_statementContext set) {
    Session_local_optionContext option = set.set_action().session_local_option();
    if (option == null
        || option.identifier().isEmpty()
        || !names.identifier(option.identifier(0)).equals("search_path")
        || option.set_statement_value() == null) {
      return;
    }
    List<String> schemas = new ArrayList<>();
    for (String part : statement.source(option.set_statement_value()).split(",", -1)) {
      String schema = part.strip();
      boolean quoted = schema.length() > 1 && (schema.startsWith("'") || schema.startsWith("\""));
      schemas.add(quoted ? schema.substring(1, schema.length() - 1) : schema);
    }
    tables.searchPath(schemas);
  }

  private void drop(SQLParser.Schema_dropContext drop) {
    Drop_statementsContext objects = drop.drop_statements();
    boolean known = objects != null && objects.if_exist_names_restrict_cascade() != null;
    if (known && kind().equals("table")) {
      each(objects, name -> tables.drop(tables.id(name.schema(), name.name())));
    } else if (known && kind().equals("schema")) {
      each(objects, name -> tables.dropSchema(name.name()));
    } else if (known && (kind().equals("type") || kind().equals("domain"))) {
      for (Schema_qualified_nameContext name : namesOf(objects)) {
        tables.dropType(typeName(name));
      }
    } else if (known && kind().equals("index")) {
      each(objects, this::dropIndex);
    } else if (!HARMLESS_DROPS.contains(kind())) {
      unknown();
    }
  }

  /** The catalog does not know the names of indexes, and an index is where its table is. */
  private void dropIndex(Qualified index) {
    List<TableId> tablesOfIt =
        tables.identifiedByIndex().stream()
            .filter(id -> index.schema() == null || id.schema().equals(index.schema()))
            .toList();
    if (!tablesOfIt.isEmpty()) {
      tables.noteIdentityMayGo(statement.line(), "index " + index.name() + " may be", tablesOfIt);
    }
  }

  private void each(
      @Nullable Drop_statementsContext objects, java.util.function.Consumer<Qualified> action) {
    namesOf(objects).forEach(name -> action.accept(names.qualified(name)));
  }

  private static List<Schema_qualified_nameContext> namesOf(
      @Nullable Drop_statementsContext objects) {
    return objects == null
        ? List.of()
        : objects.if_exist_names_restrict_cascade().names_references().schema_qualified_name();
  }
}
