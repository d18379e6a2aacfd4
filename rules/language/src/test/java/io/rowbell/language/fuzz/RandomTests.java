package io.rowbell.language.fuzz;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** The {@code tests} of a rule file: steps of every kind, most of them possible. */
final class RandomTests {
  /** Of each column of the wide table, values as a test writes them. */
  private static final Map<String, String[]> WIDE = new LinkedHashMap<>();

  /** The same of the table of child rows. */
  private static final Map<String, String[]> PARTS = new LinkedHashMap<>();

  private static final String[] MESSAGES = {
    "p: text",
    "p: '{\"a\": 1}'",
    "p: ''",
    "rowbell.context: '{\"actor\": \"u1\"}'",
    "rowbell.context: no JSON",
    "rowbell.skip: ''",
    "rowbell.skip: R0"
  };

  /** Values that no column has; most often null where the column takes it. */
  private static final String[] WRONG = {
    "k: null",
    "k: null",
    "d: null",
    "e: happy",
    "iv: 1 day",
    "j: '{'",
    "price: 1e9",
    "ns: 1",
    "x: 1"
  };

  private static final String[] WAITS = {"1s", "59s", "1m", "90s", "1h30m", "7d", "3650d"};

  static {
    WIDE.put("b", new String[] {"true", "false"});
    WIDE.put("k", new String[] {"0", "5", "-2147483648"});
    WIDE.put("f", new String[] {"1.5", "NaN", "-Infinity", "1e308"});
    WIDE.put("d", new String[] {"2.50", "NaN", "1e400", "0"});
    WIDE.put("price", new String[] {"9.99", "100", "99.999"});
    WIDE.put("u", new String[] {"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"});
    WIDE.put("e", new String[] {"ok", "sad"});
    WIDE.put("tz", new String[] {"'2026-11-20T10:15:30Z'", "infinity", "'2026-11-20 10:15+02'"});
    WIDE.put("lt", new String[] {"'2026-11-20 10:15:30'", "'-infinity'"});
    WIDE.put("da", new String[] {"2026-11-20", "'infinity'"});
    WIDE.put("ti", new String[] {"'10:15'", "'24:00'"});
    WIDE.put("iv", new String[] {"1h30m", "P1Y2M"});
    WIDE.put("by", new String[] {"'\\x00ff'", "text"});
    WIDE.put("j", new String[] {"{a: {a: 1}}", "[1, null]", "'\"x\"'"});
    WIDE.put("ns", new String[] {"[1, 2]", "[]", "[null]", "[[1], [2]]"});
    WIDE.put("ss", new String[] {"[a, 'null']", "[]"});
    WIDE.put("ds", new String[] {"[1.50, NaN]"});
    WIDE.put("js", new String[] {"[{a: 1}, [2]]"});
    WIDE.put("o", new String[] {"10.0.0.1"});
    WIDE.put("Größe", new String[] {"1.5"});
    PARTS.put("d", new String[] {"1.50", "NaN"});
    PARTS.put("j", new String[] {"{a: 1}"});
    PARTS.put("t", new String[] {"a", "''"});
  }

  private final Random random;
  private final List<String> events;

  /** The keys of the rows that are there, so that most steps are possible. */
  private final Set<String> rows = new TreeSet<>();

  /**
   * @param events the types of events that the file's rules can make, each also the rule's name
   */
  RandomTests(Random random, List<String> events) {
    this.random = random;
    this.events = events;
  }

  String section() {
    StringBuilder text = new StringBuilder("tests:\n");
    for (int i = random.nextInt(3); i >= 0; i--) {
      rows.clear();
      text.append("  - test: T").append(i).append("\n    steps:\n");
      for (int step = random.nextInt(8); step >= 0; step--) {
        text.append(step(6, true));
      }
    }
    return text.toString();
  }

  private String step(int indent, boolean outermost) {
    String dash = " ".repeat(indent) + "- ";
    return switch (random.nextInt(outermost ? 16 : 9)) {
      case 0, 1, 2, 3, 4, 5 -> dash + written(indent, outermost) + "\n";
      case 6 -> dash + "message " + pick(MESSAGES) + "\n";
      case 7 -> {
        String table = pick("wide", "parts");
        rows.removeIf(row -> row.startsWith(table));
        yield dash + "truncate " + table + "\n";
      }
      case 8 ->
          dash
              + (random.nextInt(8) == 0
                  ? "insert wide: {n: 7, s: z, " + pick(WRONG) + "}"
                  : written(indent, outermost))
              + "\n";
      case 9, 10 -> {
        StringBuilder steps = new StringBuilder(dash + "transaction:\n");
        for (int i = random.nextInt(5); i >= 0; i--) {
          steps.append(step(indent + 4, false));
        }
        yield steps.toString();
      }
      case 11, 12, 13 -> dash + "wait: " + pick(WAITS) + "\n";
      case 14 -> dash + (events.isEmpty() ? "expect: none" : "fails: " + failing()) + "\n";
      default -> dash + "expect: " + expected() + "\n";
    };
  }

  /** A row is written: a new one, or one that is there. */
  private String written(int indent, boolean outermost) {
    boolean wide = random.nextInt(3) > 0;
    int number = random.nextInt(3);
    String table = wide ? "wide" : "parts";
    String key = wide ? "{n: " + number + ", s: s" + number + "}" : "{n: " + number + ", q: 1}";
    boolean there = rows.contains(table + key);
    if (!there) {
      rows.add(table + key);
      String operation = outermost && random.nextInt(4) == 0 ? "snapshot " : "insert ";
      return operation + table + ": " + row(key, wide ? WIDE : PARTS);
    }
    if (random.nextInt(4) == 0) {
      rows.remove(table + key);
      return "delete " + table + ": " + key;
    }
    String update = "update " + table + ": " + row(key, wide ? WIDE : PARTS);
    return random.nextInt(6) == 0
        ? update + "\n" + " ".repeat(indent + 2) + "where: " + key
        : update;
  }

  private String failing() {
    String rule = event();
    return pick(rule, "{" + rule + ": X404}", "[" + rule + "]");
  }

  private String expected() {
    if (events.isEmpty() || random.nextInt(3) > 0) {
      return "none";
    }
    String event = event();
    return pick(event, "{" + event + ": {n: 1}}", "[" + event + ", " + event + "]");
  }

  private String event() {
    return events.get(random.nextInt(events.size()));
  }

  private String row(String key, Map<String, String[]> columns) {
    List<String> values = new ArrayList<>();
    columns.forEach(
        (name, choices) -> {
          if (random.nextInt(4) == 0) {
            values.add(name + ": " + pick(choices));
          }
        });
    return values.isEmpty()
        ? key
        : key.substring(0, key.length() - 1) + ", " + String.join(", ", values) + "}";
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
