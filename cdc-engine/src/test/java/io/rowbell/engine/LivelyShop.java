package io.rowbell.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A {@link RandomShop} with one table more whose old rows are logged whole, with large values and
 * children; rules of every kind about it; and transactions that say something about themselves.
 */
final class LivelyShop {
  static final String TABLES =
      RandomShop.TABLES
          + """
          CREATE TYPE mood AS ENUM ('calm', 'angry');
          CREATE TABLE deep (id int PRIMARY KEY, a int, b text, c numeric(10,2), e boolean,
            big text, at timestamptz, mood mood);
          ALTER TABLE deep REPLICA IDENTITY FULL;
          ALTER TABLE deep ALTER big SET STORAGE EXTERNAL;
          CREATE TABLE kid (id int PRIMARY KEY, parent int, b text);
          """;

  /** Some way through: rows have one column more from here on. */
  static final String ALTERED = "ALTER TABLE deep ADD COLUMN more int DEFAULT 3";

  private static final String COLUMNS = "id a b c e";

  private final Random random;
  private final RandomShop shop;
  private int nextId = 1;
  private int nextKid = 1;

  LivelyShop(Random random) {
    this.random = random;
    this.shop = new RandomShop(random);
  }

  /**
   * Sets of rules, by the prefix of their names; together they have one of each kind. Those that
   * remember, and so need every row, are in the last set.
   */
  Map<String, String> ruleSets(String prefix, int sets) {
    List<String> kinds = new ArrayList<>(kindsThatNeedFewRows());
    Collections.shuffle(kinds, random);
    Map<String, String> all = new LinkedHashMap<>();
    for (int i = 0; i < sets; i++) {
      String name = prefix + "_" + i;
      StringBuilder rules = new StringBuilder(random.nextBoolean() ? shop.mixedRules(name) : "");
      List<String> own = new ArrayList<>();
      if (i == sets - 1) {
        own.addAll(kindsThatRemember(name));
      } else {
        for (int k = i; k < kinds.size(); k += sets - 1) {
          own.add(kinds.get(k));
        }
      }
      for (int k = 0; k < own.size(); k++) {
        rules.append("- event: ").append(name).append("_K").append(k).append('\n');
        rules.append(own.get(k).indent(2)).append("  data: {id, what: op}\n");
      }
      all.put(name, rules.toString());
    }
    return all;
  }

  private List<String> kindsThatNeedFewRows() {
    return List.of(
        "on: insert deep\n" + when(some()),
        "on: update deep\n" + when("becomes(" + some() + ")"),
        "on: insert or update deep\n" + when("becomes(b == 'A') && " + some()),
        "on: update deep(b, a)\n" + (random.nextBoolean() ? when(some()) : ""),
        "on: update deep(" + oneOf("at", "mood", "big", "e, c") + ")\n" + when("b == 'A'"),
        "on: update deep\n" + when("b == 'A' && before.b == 'A' && " + some()),
        "on: insert or update deep\n" + when("after.a > 1 && " + some()),
        "on: delete deep\n" + when("before.b != 'A' && " + some()),
        "on: insert or delete plain\n" + when("id > 20"),
        "on: insert or delete deep\n" + when("id % 2 == 1 && b == 'B'"),
        "on: update deep\n" + when("mood == 'angry' && " + some()),
        "on: update deep\n" + when("big != 'small' && big != null && a == 2"),
        "on: update deep(b)\ncooldown: 1h\n" + when(some()),
        "on: insert deep\nwith: {kids: kid by parent}\n" + when("size(kids) > 0 && " + some()),
        "on: update deep\nlet: {hot: \"b == 'A'\"}\n" + when("hot && changed(a)"));
  }

  private List<String> kindsThatRemember(String name) {
    return List.of(
        "on: update deep\n" + when("last.a != a && " + some()),
        "on: deep\nwhile: b == 'A'\nuntil: a == 2\nfor: 30ms\nresolved: " + name + "_Over\n",
        "on: insert or update plain\n" + when("b == 'A' && count_over(a > 0, '1h') > 2"),
        "on: insert or update kid\n" + when("b == 'A'"));
  }

  private String some() {
    String conjuncts = shop.columns(COLUMNS);
    return random.nextInt(4) == 0 ? conjuncts : "b == 'A' && " + conjuncts;
  }

  private static String when(String condition) {
    return "when: |\n  " + condition + "\n";
  }

  /** One transaction of the application. */
  String transaction() {
    if (random.nextInt(3) == 0) {
      return shop.transaction();
    }
    StringBuilder sql = new StringBuilder("BEGIN;");
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      sql.append(statement()).append(';');
    }
    return sql.append("COMMIT").toString();
  }

  private String statement() {
    int id = 1 + random.nextInt(nextId);
    return switch (random.nextInt(17)) {
      case 0, 1, 2, 3 -> inserted();
      case 4 -> "SAVEPOINT s;" + inserted() + ";ROLLBACK TO s";
      case 5, 6 ->
          "UPDATE deep SET a = %s, b = %s WHERE id %% 3 = %d".formatted(integer(), text(), id % 3);
      case 7 -> "UPDATE deep SET b = %s WHERE id = %d".formatted(text(), id);
      case 8 ->
          "UPDATE deep SET c = %s, e = %s WHERE id %% 2 = %d"
              .formatted(decimal(), bool(), random.nextInt(2));
      case 9 -> "UPDATE deep SET at = clock_timestamp(), mood = 'angry' WHERE id = " + id;
      case 10 -> "UPDATE deep SET big = %s WHERE id = %d".formatted(big(), id);
      case 11 ->
          "UPDATE deep SET id = %d WHERE id = (SELECT min(id) FROM deep WHERE id >= %d)"
              .formatted(nextId++, id);
      case 12 -> "DELETE FROM deep WHERE id = " + id;
      case 13 ->
          oneOf(
              "INSERT INTO kid VALUES (%d, %d, %s)".formatted(nextKid++, nextId - 1, text()),
              "UPDATE kid SET parent = %d WHERE id = %d".formatted(id, nextKid - 1),
              "DELETE FROM kid WHERE id = " + (nextKid - 1),
              "TRUNCATE kid");
      case 14 ->
          "INSERT INTO kid VALUES (%d, %d, %s);".formatted(nextKid++, nextId, text()) + inserted();
      case 15 -> copied();
      default ->
          oneOf(
              "SELECT pg_logical_emit_message(true, 'rowbell.context', '{\"actor\": \"x\"}')",
              "SELECT pg_logical_emit_message(true, 'rowbell.skip', '')");
    };
  }

  private String inserted() {
    StringBuilder sql = new StringBuilder("INSERT INTO deep VALUES ");
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      sql.append(i == 0 ? "" : ",")
          .append(
              "(%d,%s,%s,%s,%s,%s,now(),'calm')"
                  .formatted(nextId++, integer(), text(), decimal(), bool(), big()));
    }
    return sql.toString();
  }

  /** Rows that share their place in the log. */
  private String copied() {
    StringBuilder rows = new StringBuilder();
    for (int i = 3 + random.nextInt(5); i > 0; i--) {
      rows.append(nextId++).append(oneOf(",0,A", ",2,A", ",1,B", ",,A", ",3,C")).append("\\n");
    }
    return "COPY deep (id, a, b) FROM PROGRAM $$printf '" + rows + "'$$ WITH (FORMAT csv)";
  }

  private String integer() {
    return oneOf("NULL", "0", "1", "2", "3");
  }

  private String text() {
    return oneOf("NULL", "'A'", "'B'", "'it''s'", "'größe'");
  }

  private String decimal() {
    return oneOf("NULL", "'NaN'", "0", "1.50", "2.5", "3", "-1");
  }

  private String bool() {
    return oneOf("true", "false", "NULL");
  }

  private String big() {
    return oneOf("NULL", "'small'", "repeat('x', 9000)", "repeat('y', 9000)");
  }

  private String oneOf(String... values) {
    return values[random.nextInt(values.length)];
  }
}
