package io.rowbell.language.fuzz;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Rule files about the wide table, each key in any of the ways in which YAML can be written. */
public final class RandomRuleFiles {
  private static final String[] ONS = {
    "insert wide",
    "update wide",
    "insert or update wide",
    "delete wide",
    "insert or update or delete wide",
    "snapshot or insert wide",
    "update wide(d, s)",
    "insert or update wide(j)",
    "truncate or delete wide",
    "insert public.wide",
    "update \"wide\"(\"Größe\")"
  };
  private static final String[] DURATIONS = {"1m", "90s", "1h30m", "7d", "1ms", "3650d"};
  private static final int DEPTH = 4;

  /** What child rows can be asked: a type of expression, and one of that type. */
  private static final String[][] OF_CHILDREN = {
    {"INT", "size(kids)"},
    {"INT", "sum(kids.map(x, x.q))"},
    {"BOOL", "kids.exists(x, x.q > 1)"},
    {"BOOL", "kids.all(x, x.d != null && x.d > 1.5)"},
    {"BOOL", "kids.exists_one(x, x.t == s)"},
    {"DEC", "kids[0].d"},
    {"DEC", "sum(kids.filter(x, x.q > 0).map(x, x.d))"},
    {"TEXTS", "kids.map(x, x.t)"},
    {"TEXT", "kids[1].t"},
    {"INTS", "kids.map(x, x.q)"},
    {"DECS", "kids.map(x, x.d * 2)"},
    {"JSON", "kids[0].j"},
    {"ANY", "kids"},
    {"ANY", "kids.filter(x, x.j != null)"},
    {"ANY", "kids.map(x, {'q': x.q, 'j': x.j})"},
  };

  private final Random random;
  private final List<String> events = new ArrayList<>();
  private RandomExpressions expressions;

  public RandomRuleFiles(Random random) {
    this.random = random;
    this.expressions = new RandomExpressions(random);
  }

  /** A file, another one at each call. */
  public String file() {
    StringBuilder file = new StringBuilder("rules: v1\n");
    file.append("vars: {five: 5, pct: 2.5, word: text, list: [1, 2], yes: true}\n");
    if (chance(30)) {
      file.append("private: [").append(chance(2) ? "wide.s" : "\"*.j\"").append("]\n");
    }
    if (chance(4)) {
      file.append("defaults: {to: \"a.{table}\", on_error: ").append(onError());
      file.append(chance(8) ? ", mode: " + pick("live", "shadow") : "").append("}\n");
    }
    file.append("triggers:\n");
    for (int i = random.nextInt(3); i >= 0; i--) {
      file.append(rule("R" + i));
    }
    if (chance(2)) {
      file.append(new RandomTests(random, events).section());
    }
    return file.toString();
  }

  private String rule(String name) {
    if (chance(12)) {
      events.add(name);
      return "  - {event: "
          + name
          + ", on: message p, when: \"content != '' && content.size() < 5\", data: "
          + pick("content", "json(content)", "'[op, prefix, content]'", "decimal(content)")
          + "}\n";
    }
    if (chance(20)) {
      events.add(name);
      return "  - {event: " + name + ", on: truncate wide, data: \"{'at': ts, 'of': table}\"}\n";
    }
    expressions = new RandomExpressions(random);
    List<String> keys = new ArrayList<>();
    boolean lasting = chance(4);
    boolean templated = chance(4);
    keys.add("event: " + (templated ? quoted(template()) : name));
    if (templated) {
      keys.add("rule: " + name);
    }
    if (!templated) {
      events.add(name);
    }
    String on = lasting ? "wide" : pick(ONS);
    keys.add("on: " + on);
    boolean children = !lasting && !on.contains("snapshot") && !on.contains("truncate");
    if (chance(children ? 4 : 100)) {
      keys.add("with: {kids: parts by " + pick("n", "n", "n = n", "n = n", "q = k", "t = s") + "}");
      for (String[] asked : OF_CHILDREN) {
        expressions.define(asked[0], asked[1]);
      }
    }
    if (chance(lasting ? 100 : 8)) {
      expressions.define("INT", "tx.changes");
    }
    if (chance(3)) {
      keys.add("let:" + lets());
    }
    if (lasting) {
      keys.add("while: " + written(expressions.of("BOOL", DEPTH)));
      if (chance(2)) {
        keys.add("until: " + written(expressions.of("BOOL", DEPTH)));
      }
      if (chance(2)) {
        keys.add("for: " + pick(DURATIONS));
      }
      if (chance(2)) {
        keys.add("resolved: " + quoted(template()));
      }
    } else {
      if (!chance(5)) {
        keys.add("when: " + written(expressions.of("BOOL", DEPTH)));
      }
      if (chance(6)) {
        keys.add("cooldown: " + pick(DURATIONS));
      }
      if (chance(10)) {
        keys.add("forget_after: " + pick(DURATIONS));
      }
      if (chance(6)) {
        keys.add("id: " + written(expressions.of("SCALAR", DEPTH)));
      }
    }
    if (chance(3)) {
      keys.add("key: " + withoutLast(written(expressions.of("SCALAR", DEPTH))));
    }
    keys.add("data: " + data());
    if (chance(4)) {
      keys.add("to: " + quoted(template()));
    }
    if (chance(6)) {
      keys.add("on_error: " + onError());
    }
    if (chance(10)) {
      keys.add("version: " + (1 + random.nextInt(4)));
    }
    if (chance(12)) {
      keys.add("enabled: " + pick("true", "false"));
    }
    if (chance(12)) {
      keys.add("description: " + pick("what it means", "\"'quoted': {}\"", "|\n      a\n      b"));
    }
    if (chance(6)) {
      keys.add("mode: " + pick("shadow", "shadow", "live"));
      if (chance(8)) {
        keys.add("compare: " + pick("R0", "R1"));
      }
    }
    Collections.shuffle(keys, random);
    String rule = "  - " + String.join("\n    ", keys) + "\n";
    return lasting ? withoutLast(rule) : rule;
  }

  /** Where it cannot stand; now and then it stands there all the same. */
  private String withoutLast(String text) {
    return chance(20) ? text : text.replace("last.", "after.");
  }

  private String lets() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      String type = expressions.anyType();
      String name = "l" + i;
      text.append("\n      ").append(name).append(": ").append(quoted(expressions.of(type, DEPTH)));
      expressions.define(type, name);
    }
    return text.toString();
  }

  private String data() {
    switch (random.nextInt(6)) {
      case 0 -> {
        return "row";
      }
      case 1 -> {
        return written(expressions.of("ANY", DEPTH));
      }
      default -> {
        StringBuilder text = new StringBuilder("{n");
        for (int i = random.nextInt(5); i >= 0; i--) {
          text.append(", f").append(i).append(": ").append(quoted(expressions.of("ANY", DEPTH)));
        }
        return text.append("}").toString();
      }
    }
  }

  private String template() {
    StringBuilder text = new StringBuilder("t");
    for (int i = random.nextInt(3); i >= 0; i--) {
      switch (random.nextInt(8)) {
        case 0 -> text.append("{{x}}");
        case 1 -> text.append("{table}");
        case 2 -> text.append(".");
        case 3 -> text.append("{op}");
        default -> text.append('{').append(expressions.of("SCALAR", 2)).append('}');
      }
    }
    return text.toString();
  }

  /** Between quotes, after a bar, or as it is, which YAML may misread. */
  private String written(String expression) {
    return switch (random.nextInt(16)) {
      case 0 -> expression;
      case 1 -> "|\n      " + expression.replace("\n", "\\n");
      case 2 -> "'" + expression.replace("'", "''") + "'";
      default -> quoted(expression);
    };
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private String onError() {
    return pick("dlq", "dlq", "halt", "skip");
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
