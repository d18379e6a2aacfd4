package io.rowbell.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;

/** Tables of several replica identities, and random rules and statements about them. */
final class RandomShop {
  /** Full row identities have no key, so that an update of one is never a delete and an insert. */
  static final String TABLES =
      """
      CREATE TABLE plain (id int PRIMARY KEY, a int, b text, c numeric(10,2), d text, e boolean);
      CREATE TABLE pair (tenant int, id int, a int, b varchar(20), c numeric, note text,
        PRIMARY KEY (tenant, id));
      CREATE TABLE whole (a int, b text, c numeric(10,2), d text);
      ALTER TABLE whole REPLICA IDENTITY FULL;
      CREATE TABLE coded (id int PRIMARY KEY, code text NOT NULL UNIQUE, a int, b text, c numeric);
      ALTER TABLE coded REPLICA IDENTITY USING INDEX coded_code_key;
      CREATE TABLE log (a int, b text, c numeric(10,2), d text);
      CREATE TABLE other (id int PRIMARY KEY, a int);
      CREATE TABLE done (n int);
      ALTER TABLE done REPLICA IDENTITY FULL;
      """;

  private static final List<String> TEXTS = List.of("'A'", "'B'", "'it''s'");

  private final Random random;
  private int nextId = 1;

  RandomShop(Random random) {
    this.random = random;
  }

  /** Rules that listen to anything. */
  String mixedRules(String prefix) {
    StringBuilder rules = new StringBuilder();
    int count = 2 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      String name = prefix + "_R" + i;
      rules.append(
          switch (random.nextInt(8)) {
            case 0, 1 -> rule(name, operations(), "plain", columns("id a b c e"), "id");
            case 2, 3 -> rule(name, operations(), "pair", pairCondition(), "tenant");
            case 4 -> rule(name, "update", "pair", tenant(), "tenant");
            case 5 -> rule(name, operations(), "whole", columns("a b c"), "a");
            case 6 -> rule(name, operations(), "coded", columns("code"), "code");
            default -> remembering(name);
          });
    }
    return rules.toString();
  }

  /**
   * Rules that listen to inserts alone.
   *
   * @param keyed of tables whose keys change: an update can be an insert to rules
   */
  String insertRules(String prefix, boolean keyed) {
    StringBuilder rules = new StringBuilder();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      String table = keyed ? oneOf("plain", "pair") : oneOf("log", "whole");
      String when = random.nextBoolean() ? "c > " + number() + " && 10 / a > 3" : columns("a b c");
      rules.append(rule(prefix + "_R" + i, "insert", table, when, keyed ? "id" : "a"));
    }
    return rules.toString();
  }

  private String remembering(String name) {
    return switch (random.nextInt(3)) {
      case 0 -> rule(name, "insert", "plain", "b == 'A'", "id") + "  cooldown: 1h\n";
      case 1 -> rule(name, "update", "plain", "last.a != a && b == 'A'", "id");
      default -> "- event: " + name + "\n  on: plain\n  while: b == 'A'\n  data: {id}\n";
    };
  }

  private static String rule(
      String name, String operations, String table, String when, String column) {
    boolean keyed = table.equals("pair") || table.equals("plain");
    return String.join(
        "\n",
        "- event: " + name,
        "  on: " + operations + " " + table,
        "  when: |",
        "    " + when,
        "  data: {" + column + ", what: op}",
        keyed ? "" : "  key: string(" + column + ")\n");
  }

  String operations() {
    return oneOf("insert", "update", "insert or update", "insert or update or delete");
  }

  private String tenant() {
    return oneOf("tenant == 1", "tenant != 2", "tenant > 1", "tenant in [1, 3]", "!(tenant <= 2)");
  }

  private String pairCondition() {
    return random.nextBoolean() ? tenant() + " && " + columns("tenant id a c") : tenant();
  }

  /** Some conjuncts, of which not all can be asked of a database. */
  String columns(String names) {
    String[] of = names.split(" ", -1);
    StringJoiner conjuncts = new StringJoiner(" && ");
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      String first = condition(of[random.nextInt(of.length)]);
      conjuncts.add(
          switch (random.nextInt(4)) {
            case 0 -> "(" + first + " || " + condition(of[random.nextInt(of.length)]) + ")";
            case 1 -> "!(" + first + ")";
            default -> first;
          });
    }
    return conjuncts.toString();
  }

  private String condition(String column) {
    String value = column.equals("b") || column.equals("code") ? oneOf(TEXTS) : number();
    value = value.equals("'it''s'") ? "\"it's\"" : value;
    return switch (column) {
      case "b", "code" ->
          switch (random.nextInt(5)) {
            case 0 -> column + " != " + value;
            case 1 -> column + " in ['A', \"it's\"]";
            case 2 -> column + " == null";
            case 3 -> column + ".startsWith('A')";
            default -> column + " == " + value;
          };
      case "e" -> oneOf("e", "e == true", "e != false");
      default ->
          switch (random.nextInt(6)) {
            case 0 -> column + " == " + value;
            case 1 -> column + " != null";
            case 2 -> "10 / " + column + " > " + value;
            default -> column + " " + oneOf("<", "<=", ">", ">=") + " " + value;
          };
    };
  }

  private String number() {
    return Integer.toString(random.nextInt(4));
  }

  /** One transaction of the application. */
  String transaction() {
    StringBuilder sql = new StringBuilder("BEGIN;");
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      sql.append(statement()).append(';');
    }
    return sql.append("COMMIT").toString();
  }

  private String statement() {
    String id = Integer.toString(1 + random.nextInt(nextId));
    return switch (random.nextInt(14)) {
      case 0, 1 -> inserted("plain", () -> nextId++ + "," + values() + "," + text() + "," + bool());
      case 2, 3 ->
          inserted("pair", () -> tenantValue() + "," + nextId++ + "," + values() + "," + text());
      case 4 -> inserted("whole", () -> values() + "," + text());
      case 5 ->
          inserted(
              "coded", () -> nextId + ",'k" + nextId++ + "'," + integer() + "," + text() + ",1.5");
      case 6, 7 -> inserted("log", () -> values() + "," + text());
      case 8 ->
          "UPDATE plain SET a = %s, b = %s, c = %s, e = %s WHERE id %% 3 = %s %% 3"
              .formatted(integer(), text(), decimal(), bool(), id);
      case 9 ->
          "UPDATE plain SET id = %d WHERE id = (SELECT min(id) FROM plain WHERE id >= %s)"
              .formatted(nextId++, id);
      case 10 ->
          random.nextBoolean()
              ? "UPDATE pair SET tenant = %s WHERE id %% 5 = %s %% 5".formatted(tenantValue(), id)
              : "UPDATE pair SET a = %s, c = %s WHERE tenant = %s"
                  .formatted(integer(), decimal(), tenantValue());
      case 11 ->
          "UPDATE whole SET a = %s, b = %s, d = %s WHERE a = %s"
              .formatted(integer(), text(), text(), number());
      case 12 ->
          random.nextBoolean()
              ? "UPDATE coded SET a = %s, b = %s WHERE id = %s".formatted(integer(), text(), id)
              : "UPDATE coded SET code = 'k%d' WHERE id = %s".formatted(nextId++, id);
      default -> "DELETE FROM %s WHERE id = %s".formatted(oneOf("plain", "pair", "coded"), id);
    };
  }

  private interface RowOfValues {
    String make();
  }

  private String inserted(String table, RowOfValues row) {
    List<String> rows = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      rows.add("(" + row.make() + ")");
    }
    return "INSERT INTO " + table + " VALUES " + String.join(",", rows);
  }

  private String values() {
    return integer() + "," + text() + "," + decimal();
  }

  private String integer() {
    return random.nextInt(5) == 0 ? "NULL" : number();
  }

  private String decimal() {
    return oneOf("NULL", "'NaN'", "0", "1.50", "2.5", "3", "-1");
  }

  private String text() {
    return random.nextInt(5) == 0 ? "NULL" : oneOf(TEXTS);
  }

  private String bool() {
    return oneOf("true", "false", "NULL");
  }

  private String tenantValue() {
    return Integer.toString(1 + random.nextInt(3));
  }

  private String oneOf(String... values) {
    return oneOf(List.of(values));
  }

  private String oneOf(List<String> values) {
    return values.get(random.nextInt(values.size()));
  }
}
