package io.rowbell.postgres;

import io.rowbell.model.TableId;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which publication it is and what makes it send the tables that are needed: tells one that was
 * narrowed and widened again from one that was left alone.
 *
 * <p>Object ids are given once, so what is taken out of a publication and put back has another one;
 * so has a table whose filter or column list changed. {@code SET TABLE} with the same table, and
 * {@code ADD TABLE} of another, leave them and the publication's own row alone. Options are altered
 * in place: of that the row's {@code xmin} tells, whatever the options are afterwards.
 *
 * @param oid the publication's object id
 * @param alteredBy the transaction that wrote the publication's row
 * @param options what it publishes, in words
 * @param parts for each needed table that is there, by its SQL name, the entries of the catalog
 *     that make the publication send it; none if it sends all tables
 */
record PublicationVersion(
    String oid, String alteredBy, String options, Map<String, Set<String>> parts) {
  /** The name under which the journal keeps the version that it was last written with. */
  static final String STATE = "postgres/publication";

  private static final int SCHEMAS_SINCE = 15;

  private static final String PUBLICATION =
      """
      SELECT oid, xmin::text AS altered_by,
        concat_ws(', ', CASE WHEN pubinsert THEN 'insert' END, CASE WHEN pubupdate THEN 'update' END,
          CASE WHEN pubdelete THEN 'delete' END, CASE WHEN pubtruncate THEN 'truncate' END,
          CASE WHEN pubviaroot THEN 'via root' END, CASE WHEN puballtables THEN 'all tables' END)
          AS options
      FROM pg_catalog.pg_publication WHERE pubname = ?
      """;

  /** A table is sent for its own sake or for that of a table which it is a partition of. */
  private static final String PARTS =
      """
      WITH wanted AS (
        SELECT c.oid, w.place FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS w(s, t, place)
        JOIN pg_catalog.pg_namespace n ON n.nspname = w.s
        JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.t),
      sent AS (
        SELECT place, oid FROM wanted
        UNION SELECT w.place, a.relid FROM wanted w, pg_partition_ancestors(w.oid) a(relid))
      SELECT place, NULL AS part FROM wanted
      UNION ALL
      SELECT s.place, 'table ' || r.oid FROM sent s
      JOIN pg_catalog.pg_publication_rel r ON r.prrelid = s.oid AND r.prpubid = ?
      """;

  private static final String SCHEMAS =
      """
      UNION ALL
      SELECT s.place, 'schema ' || p.oid FROM sent s
      JOIN pg_catalog.pg_class c ON c.oid = s.oid
      JOIN pg_catalog.pg_publication_namespace p
        ON p.pnnspid = c.relnamespace AND p.pnpubid = ?
      """;

  PublicationVersion {
    parts = new TreeMap<>(parts);
  }

  /**
   * Reads it; a plain role may.
   *
   * @return empty if there is no such publication
   */
  static Optional<PublicationVersion> read(
      Connection connection, String publication, Collection<TableId> needed) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(PUBLICATION)) {
      statement.setString(1, publication);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(
                new PublicationVersion(
                    row.getString("oid"),
                    row.getString("altered_by"),
                    row.getString("options"),
                    parts(connection, row.getLong("oid"), List.copyOf(needed))))
            : Optional.empty();
      }
    }
  }

  private static Map<String, Set<String>> parts(
      Connection connection, long publication, List<TableId> needed) throws SQLException {
    boolean schemas = connection.getMetaData().getDatabaseMajorVersion() >= SCHEMAS_SINCE;
    Map<String, Set<String>> parts = new TreeMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(schemas ? PARTS + SCHEMAS : PARTS)) {
      statement.setArray(1, texts(connection, needed.stream().map(TableId::schema).toList()));
      statement.setArray(2, texts(connection, needed.stream().map(TableId::name).toList()));
      statement.setLong(3, publication);
      if (schemas) {
        statement.setLong(4, publication);
      }
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String table = needed.get(row.getInt("place") - 1).sql();
          Set<String> ofTable = parts.computeIfAbsent(table, t -> new TreeSet<>());
          String part = row.getString("part");
          if (part != null) {
            ofTable.add(part);
          }
        }
      }
    }
    return parts;
  }

  private static Array texts(Connection connection, List<String> texts) throws SQLException {
    return connection.createArrayOf("text", texts.toArray());
  }

  /**
   * What happened since an earlier version that may have kept changes of the needed tables from
   * being sent. What is sent in addition is no such thing, and neither is a table that is gone.
   *
   * @return clauses for people; empty if all was sent
   */
  List<String> alteredSince(PublicationVersion before) {
    if (!oid.equals(before.oid)) {
      return List.of("it is another one: dropped and made anew, or another name");
    }
    List<String> altered = new ArrayList<>();
    if (!alteredBy.equals(before.alteredBy)) {
      altered.add(
          "its options were altered: they were ("
              + before.options
              + ") and are ("
              + options
              + "), and nobody knows what they were in between");
    }
    parts.forEach(
        (table, now) -> {
          if (!now.containsAll(before.parts.getOrDefault(table, Set.of()))) {
            altered.add(
                table
                    + " was taken out"
                    + (now.isEmpty() ? "" : " and put back, or its columns or its filter altered"));
          }
        });
    return altered;
  }

  /** This version, with what an earlier one had of needed tables that are gone for now. */
  PublicationVersion remembering(PublicationVersion before, Collection<TableId> needed) {
    Map<String, Set<String>> all = new TreeMap<>(parts);
    needed.stream()
        .map(TableId::sql)
        .filter(before.parts::containsKey)
        .forEach(table -> all.putIfAbsent(table, before.parts.get(table)));
    return new PublicationVersion(oid, alteredBy, options, all);
  }

  /**
   * Names this version, so that people can accept it and no other; begins with a letter, as YAML
   * would take digits alone for a number.
   */
  String token() {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes());
      return "p" + HexFormat.of().formatHex(hash, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The form in which the journal keeps it: lines, the first for the publication. */
  byte[] bytes() {
    String tables =
        parts.entrySet().stream()
            .map(
                entry ->
                    "\n"
                        + URLEncoder.encode(entry.getKey(), StandardCharsets.UTF_8)
                        + "="
                        + String.join(",", new TreeSet<>(entry.getValue())))
            .collect(Collectors.joining());
    return ("1 " + oid + " " + alteredBy + " " + options + tables).getBytes(StandardCharsets.UTF_8);
  }

  static PublicationVersion parse(byte[] bytes) {
    String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
    String[] first = lines[0].split(" ", 4);
    if (!first[0].equals("1")) {
      throw new IllegalStateException(
          "the journal holds the publication in a form that this version does not know");
    }
    Map<String, Set<String>> parts = new TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      int end = lines[i].indexOf('=');
      String list = lines[i].substring(end + 1);
      parts.put(
          URLDecoder.decode(lines[i].substring(0, end), StandardCharsets.UTF_8),
          list.isEmpty() ? Set.of() : Set.of(list.split(",", -1)));
    }
    return new PublicationVersion(first[1], first[2], first[3], parts);
  }
}
