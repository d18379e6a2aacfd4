package io.rowbell.engine.migration;

import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Types as SQL writes them, as columns have them. */
final class SqlTypes {
  private static final Pattern ARRAY =
      Pattern.compile(
          "(?is)(.*?)(\\s*\\[\\s*\\d*\\s*\\]|\\s+array(\\s*\\[\\s*\\d*\\s*\\])?)++\\s*");
  private static final Pattern MODIFIED = Pattern.compile("(?is)(.*?)\\s*\\(([^)]*)\\)\\s*(.*)");

  /** What PostgreSQL calls the types that have several names. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("int", "integer"),
          Map.entry("int4", "integer"),
          Map.entry("serial", "integer"),
          Map.entry("serial4", "integer"),
          Map.entry("int8", "bigint"),
          Map.entry("bigserial", "bigint"),
          Map.entry("serial8", "bigint"),
          Map.entry("int2", "smallint"),
          Map.entry("smallserial", "smallint"),
          Map.entry("serial2", "smallint"),
          Map.entry("decimal", "numeric"),
          Map.entry("dec", "numeric"),
          Map.entry("float4", "real"),
          Map.entry("float8", "double precision"),
          Map.entry("float", "double precision"),
          Map.entry("bool", "boolean"),
          Map.entry("varchar", "character varying"),
          Map.entry("char varying", "character varying"),
          Map.entry("char", "character"),
          Map.entry("bpchar", "character"),
          Map.entry("timestamptz", "timestamp with time zone"),
          Map.entry("timestamp", "timestamp without time zone"),
          Map.entry("time", "time without time zone"));

  private static final Map<String, Kind> KINDS =
      Map.ofEntries(
          Map.entry("integer", Kind.INTEGER),
          Map.entry("bigint", Kind.INTEGER),
          Map.entry("smallint", Kind.INTEGER),
          Map.entry("oid", Kind.INTEGER),
          Map.entry("numeric", Kind.NUMERIC),
          Map.entry("real", Kind.FLOAT),
          Map.entry("double precision", Kind.FLOAT),
          Map.entry("boolean", Kind.BOOLEAN),
          Map.entry("text", Kind.TEXT),
          Map.entry("character varying", Kind.TEXT),
          Map.entry("character", Kind.TEXT),
          Map.entry("name", Kind.TEXT),
          Map.entry("xml", Kind.TEXT),
          Map.entry("citext", Kind.TEXT),
          Map.entry("uuid", Kind.UUID),
          Map.entry("timestamp with time zone", Kind.TIMESTAMP_TZ),
          Map.entry("timestamp without time zone", Kind.TIMESTAMP),
          Map.entry("date", Kind.DATE),
          Map.entry("time without time zone", Kind.TIME),
          Map.entry("interval", Kind.INTERVAL),
          Map.entry("bytea", Kind.BYTES),
          Map.entry("json", Kind.JSON),
          Map.entry("jsonb", Kind.JSON));

  private SqlTypes() {}

  /** The type that a text names: one that is not known is taken for text of another type. */
  static ColumnType of(String sql, EditedCatalog catalog) {
    Matcher array = ARRAY.matcher(sql);
    if (array.matches()) {
      return ColumnType.arrayOf(of(array.group(1), catalog));
    }
    String plain = sql.strip();
    String modifier = "";
    Matcher modified = MODIFIED.matcher(plain);
    if (modified.matches()) {
      plain = (modified.group(1) + " " + modified.group(3)).strip();
      modifier = "(" + modified.group(2).replaceAll("\\s", "") + ")";
    }
    String word = name(plain);
    List<String> labels = catalog.labels(word);
    if (labels != null) {
      return ColumnType.enumOf(word, labels);
    }
    Kind kind = KINDS.get(word);
    return kind == null
        ? ColumnType.of(Kind.OPAQUE, word + modifier)
        : ColumnType.of(kind, described(word, kind, modifier));
  }

  /** A type's name as PostgreSQL prints it: one of a schema on the search path goes without it. */
  static String name(String sql) {
    String word = sql.strip().replaceAll("\\s+", " ");
    word = word.startsWith("\"") ? word : word.toLowerCase(Locale.ROOT);
    word = word.replaceFirst("^(pg_catalog|public)\\.", "");
    return NAMES.getOrDefault(word, word);
  }

  private static String described(String word, Kind kind, String modifier) {
    if (kind == Kind.NUMERIC && !modifier.isEmpty() && modifier.indexOf(',') < 0) {
      return word + modifier.replace(")", ",0)");
    }
    boolean time = kind == Kind.TIMESTAMP_TZ || kind == Kind.TIMESTAMP || kind == Kind.TIME;
    int space = word.indexOf(' ');
    return time && !modifier.isEmpty()
        ? word.substring(0, space) + modifier + word.substring(space)
        : word + modifier;
  }

  /** Whether a type was taken for text because it is not known here. */
  static @Nullable String unknown(ColumnType type) {
    ColumnType element = type.element();
    if (element != null) {
      return unknown(element);
    }
    return type.kind() == Kind.OPAQUE ? type.sqlName() : null;
  }
}
