package io.rowbell.language.fuzz;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Expressions made from a grammar with types, so that most of them compile: {@code $INT} in a
 * production stands for any expression of that type. A few are of another type than they should be.
 */
final class RandomExpressions {
  private static final Pattern HOLE = Pattern.compile("\\$([A-Z]+)");
  private static final Map<String, List<String>> LEAVES = new HashMap<>();
  private static final Map<String, List<String>> PRODUCTIONS = new HashMap<>();

  static {
    leaves("REL", "<", "<=", ">", ">=", "==", "!=");
    leaves("EQ", "==", "!=");
    leaves("COLUMN", "n", "s", "b", "k", "f", "d", "e", "j", "ns", "tz", "by", "after.d", "js");
    leaves("DIGITS", "0", "2", "1000", "k");
    leaves(
        "PATTERN",
        "'^a'",
        "'[0-9]+$'",
        "'(?i)x'",
        "'(a+)+$'",
        "'.*'",
        "''",
        "'('",
        "'[x'",
        "r'\\d{2}'",
        "'(.*)(.*)(.*)(.*)(.*)x'",
        "'x{1000}'");

    leaves("BOOL", "true", "false", "b", "after.b", "before.b", "last.b", "vars.yes");
    productions(
        "BOOL",
        "$BOOL && $BOOL",
        "$BOOL || $BOOL",
        "!($BOOL)",
        "($BOOL) ? $BOOL : $BOOL",
        "($BOOL) == ($BOOL)",
        "$INT $REL $INT",
        "$INT $REL $DEC",
        "$INT $REL $DBL",
        "$DEC $REL $DEC",
        "$DBL $REL $DBL",
        "$TEXT $REL $TEXT",
        "$TZ $REL $TZ",
        "$LT $REL $LT",
        "$DATE $REL $DATE",
        "$TIME $REL $TIME",
        "$IV $REL $IV",
        "$BYTES $REL $BYTES",
        "$UUID $REL $UUID",
        "$ENUM $EQ $ENUM",
        "$ENUM $EQ 'ok'",
        "$ENUM $EQ $TEXT",
        "o $EQ $TEXT",
        "$JSON $EQ $JSON",
        "$JSON $EQ $TEXT",
        "$JSON $EQ $DEC",
        "$JSON $EQ $DBL",
        "$JSON $EQ $MAP",
        "$JSON $EQ $DECS",
        "$INTS $EQ $INTS",
        "$TEXTS $EQ $TEXTS",
        "$DECS $EQ $INTS",
        "js $EQ js",
        "tzs $EQ tzs",
        "$MAP $EQ $MAP",
        "$DATE < '2026-11-20'",
        "tz > '2026-11-20T10:15:30Z'",
        "iv < '1d'",
        "$INT in $INTS",
        "$TEXT in $TEXTS",
        "$DEC in [$DEC, $INT, null]",
        "$TEXT in $JSON",
        "$JSON in $JSON",
        "$TEXT in $MAP",
        "e in ['ok', 'sad']",
        "$TZ in tzs",
        "$INT == null",
        "$JSON != null",
        "$TEXT == null",
        "before == null",
        "after != null",
        "becomes($BOOL)",
        "changed($COLUMN)",
        "changed($COLUMN, $COLUMN)",
        "has($COLUMN)",
        "has(j.a)",
        "has(j.a.a.b)",
        "($TEXT).startsWith($TEXT)",
        "($TEXT).endsWith($TEXT)",
        "contains($TEXT, $TEXT)",
        "($TEXT).matches($PATTERN)",
        "($TEXTS).all(x, x $REL s)",
        "($INTS).exists(x, x $REL n)",
        "($DECS).exists_one(x, x $REL d)",
        "($JSON).all(x, x == j)",
        "js.exists(x, has(x.a))",
        "($INTS).all(x, b || x > 1)",
        "bool($JSON)",
        "bool(s)",
        "bool(string($BOOL))",
        "coalesce($BOOL, $BOOL)",
        "op == 'update'",
        "op in ['insert', $TEXT]",
        "table == $TEXT",
        "least($BOOL, $BOOL)");

    leaves(
        "INT",
        "0",
        "1",
        "-1",
        "2",
        "1000",
        "9223372036854775807",
        "-9223372036854775808",
        "n",
        "k",
        "after.n",
        "before.k",
        "last.k",
        "vars.five",
        "tx.id",
        "ns[0]");
    productions(
        "INT",
        "$INT + $INT",
        "$INT - ($INT)",
        "$INT * $INT",
        "$INT / ($INT)",
        "$INT % ($INT)",
        "-($INT)",
        "abs($INT)",
        "round($INT)",
        "round($INT, $DIGITS)",
        "floor($INT)",
        "ceil($INT)",
        "least($INT, $INT, $INT)",
        "greatest($INT, $INT)",
        "int($DEC)",
        "int($DBL)",
        "int(s)",
        "int(string($INT))",
        "int($JSON)",
        "int($TZ)",
        "size($TEXT)",
        "size($INTS)",
        "size($JSON)",
        "size($MAP)",
        "size($BYTES)",
        "size(js)",
        "sum($INTS)",
        "($INTS)[$INT]",
        "coalesce($INT, $INT)",
        "($BOOL) ? $INT : $INT",
        "($INTS).map(x, x + n).sum()",
        "count_over($BOOL, '5m')",
        "sum_over($INT, '1m')",
        "max_over($INT, '1h')");

    leaves(
        "DEC",
        "0.0",
        "1.5",
        "-2.50",
        "1e9",
        "1e-9",
        "1e131071",
        "1e-16383",
        "0.1",
        "d",
        "price",
        "after.d",
        "before.price",
        "last.d",
        "vars.pct",
        "after['Größe']",
        "ds[1]");
    productions(
        "DEC",
        "$DEC + $DEC",
        "$DEC - ($DEC)",
        "$DEC * $DEC",
        "$DEC / ($DEC)",
        "$DEC % ($DEC)",
        "$INT * $DEC",
        "$DEC / ($INT)",
        "-($DEC)",
        "abs($DEC)",
        "round($DEC)",
        "round($DEC, $DIGITS)",
        "floor($DEC)",
        "ceil($DEC)",
        "least($DEC, $INT)",
        "greatest($DEC, $DEC)",
        "pct_change($DEC, $DEC)",
        "pct_change($INT, $INT)",
        "avg_over($DEC, '90s')",
        "min_over($DEC, '1d')",
        "decimal($INT)",
        "decimal($DBL)",
        "decimal(s)",
        "decimal(string($DBL))",
        "decimal($JSON)",
        "sum($DECS)",
        "coalesce($DEC, $DEC)",
        "($BOOL) ? $DEC : $INT",
        "($DECS)[$INT]",
        "($DECS).map(x, x / d).sum()");

    leaves(
        "DBL",
        "f",
        "double('NaN')",
        "double('-0')",
        "double('Infinity')",
        "double(1e308)",
        "before.f",
        "fs[0]");
    productions(
        "DBL",
        "$DBL + $DBL",
        "$DBL - ($DBL)",
        "$DBL * $DBL",
        "$DBL / ($DBL)",
        "$DBL * 2",
        "1.5 * $DBL",
        "-($DBL)",
        "abs($DBL)",
        "round($DBL)",
        "round($DBL, $DIGITS)",
        "floor($DBL)",
        "ceil($DBL)",
        "least($DBL, $DBL)",
        "greatest($DBL, 0)",
        "pct_change($DBL, $DBL)",
        "double($INT)",
        "double($DEC)",
        "double(s)",
        "double(string($DEC))",
        "double($JSON)",
        "sum(fs)",
        "coalesce($DBL, $DBL)");

    leaves(
        "TEXT",
        "''",
        "'a'",
        "\"it's\"",
        "'12.5'",
        "'\\u00e9\\n'",
        "'\uD83D\uDE00'",
        "s",
        "after.s",
        "before.s",
        "last.s",
        "vars.word",
        "op",
        "table",
        "e",
        "u",
        "o",
        "ss[0]",
        "'1h30m'",
        "'2026-11-20T10:15:30+01:00'",
        "'{\"a\": [1]}'");
    productions(
        "TEXT",
        "$TEXT + $TEXT",
        "lower($TEXT)",
        "($TEXT).upper()",
        "trim($TEXT)",
        "($TEXT).substring($INT)",
        "($TEXT).substring($INT, $INT)",
        "($TEXT).replace($TEXT, $TEXT)",
        "($TEXTS)[$INT]",
        "string($INT)",
        "string($DEC)",
        "string($DBL)",
        "string($BOOL)",
        "string($TZ)",
        "string($LT)",
        "string($DATE)",
        "string($TIME)",
        "string($IV)",
        "string($UUID)",
        "string($BYTES)",
        "string($JSON)",
        "string($MAP)",
        "string($DECS)",
        "string(tzs)",
        "coalesce($TEXT, $TEXT)",
        "($BOOL) ? $TEXT : $TEXT",
        "mask($TEXT)",
        "mask($JSON)",
        "mask($TEXT, 4)",
        "mask($DEC, 2)",
        "hash($TEXT)",
        "hash($DEC)",
        "hash($TZ)",
        "hash($JSON)",
        "least($TEXT, $TEXT)",
        "greatest($TEXT, $UUID)");

    leaves(
        "TZ",
        "tz",
        "ts",
        "after.tz",
        "before.tz",
        "last.tz",
        "tx.commit_time",
        "timestamp(0)",
        "tzs[0]");
    productions(
        "TZ",
        "timestamp(s)",
        "timestamp(string($TZ))",
        "timestamp(n)",
        "timestamp($LT)",
        "timestamp($DATE)",
        "timestamp($JSON)",
        "$TZ + $IV",
        "$TZ - ($IV)",
        "least($TZ, $TZ)",
        "coalesce($TZ, $TZ)",
        "($BOOL) ? $TZ : $TZ");
    leaves("LT", "lt", "before.lt", "after.lt");
    productions("LT", "$LT + $IV", "$LT - ($IV)", "coalesce($LT, $LT)");
    leaves("DATE", "da", "before.da", "after.da");
    productions("DATE", "coalesce($DATE, $DATE)", "greatest($DATE, $DATE)");
    leaves("TIME", "ti", "before.ti");
    productions("TIME", "coalesce($TIME, $TIME)", "least($TIME, $TIME)");
    leaves(
        "IV", "iv", "before.iv", "duration('1h30m')", "duration('P1Y2M3DT4H')", "duration('-7d')");
    productions(
        "IV",
        "duration(s)",
        "duration(string($IV))",
        "age($TZ)",
        "$TZ - ($TZ)",
        "$LT - ($LT)",
        "$IV + $IV",
        "$IV - ($IV)",
        "coalesce($IV, $IV)");
    leaves("UUID", "u", "before.u");
    leaves("ENUM", "e", "before.e", "after.e");
    leaves("BYTES", "by", "b'abc'", "b'\\xff'", "before.by");
    leaves(
        "JSON",
        "j",
        "j.a",
        "j['a']",
        "j[0]",
        "js[0]",
        "before.j",
        "j.a.a.a",
        "after.j[3].a",
        "last.j");
    productions(
        "JSON",
        "json(s)",
        "json(string($JSON))",
        "json(string($MAP))",
        "($JSON).a",
        "($JSON)[$INT]",
        "($JSON)[$TEXT]",
        "coalesce($JSON, $JSON)",
        "($MAP)['a']",
        "[$INT, $TEXT, $BOOL][$INT]",
        "($BOOL) ? $JSON : $JSON");
    leaves("MAP", "{}", "{'a': n}", "before", "after");
    productions(
        "MAP",
        "{'a': $INT, 'b': $TEXT}",
        "{'x': $JSON, 'y': $MAP}",
        "{'t': $TZ, 'd': $DEC, 'f': $DBL, 'z': null}",
        "{'i': $IV, 'l': $LT, 'by': $BYTES, 'ti': $TIME}");
    leaves("INTS", "ns", "[1, 2]", "before.ns", "vars.list");
    productions(
        "INTS",
        "[$INT, $INT]",
        "$INTS + $INTS",
        "($INTS).filter(x, x $REL n)",
        "($TEXTS).map(x, size(x))",
        "($JSON).map(x, int(x))",
        "coalesce($INTS, $INTS)",
        "[$INT, null]");
    leaves("TEXTS", "ss", "['a', 'b']", "before.ss");
    productions(
        "TEXTS",
        "($TEXT).split($TEXT)",
        "[$TEXT, $TEXT]",
        "$TEXTS + $TEXTS",
        "($TEXTS).filter(x, b)",
        "($INTS).map(x, string(x))",
        "($JSON).map(x, string(x))");
    leaves("DECS", "ds", "[1.5, 2]", "before.ds");
    productions(
        "DECS",
        "[$DEC, $INT]",
        "$DECS + $DECS",
        "($DECS).map(x, x * d)",
        "($JSON).map(x, decimal(x.a))");
    leaves("ANY", "null");
    productions(
        "ANY",
        "$BOOL",
        "$INT",
        "$DEC",
        "$DBL",
        "$TEXT",
        "$TZ",
        "$LT",
        "$DATE",
        "$TIME",
        "$IV",
        "$UUID",
        "$ENUM",
        "$BYTES",
        "$JSON",
        "$MAP",
        "$INTS",
        "$TEXTS",
        "$DECS",
        "js",
        "tzs",
        "fs",
        "o",
        "($INTS).map(x, {'k': x})",
        "js.filter(x, x != j)",
        "[$MAP, $MAP]",
        "[$INTS, $DECS]");
    leaves("SCALAR", "n");
    productions(
        "SCALAR", "$BOOL", "$INT", "$DEC", "$DBL", "$TEXT", "$TZ", "$LT", "$DATE", "$TIME", "$IV",
        "$JSON");
  }

  private static final List<String> TYPES = PRODUCTIONS.keySet().stream().sorted().toList();

  private final Random random;
  private final Map<String, List<String>> names = new HashMap<>();

  RandomExpressions(Random random) {
    this.random = random;
  }

  private static void leaves(String type, String... leaves) {
    LEAVES.put(type, List.of(leaves));
  }

  private static void productions(String type, String... productions) {
    PRODUCTIONS.put(type, List.of(productions));
  }

  /** Lets a name that was defined be used as a leaf of its type. */
  void define(String type, String name) {
    names.computeIfAbsent(type, t -> new ArrayList<>()).add(name);
  }

  String anyType() {
    return TYPES.get(random.nextInt(TYPES.size()));
  }

  String of(String type, int depth) {
    String wanted = random.nextInt(2000) == 0 ? anyType() : type;
    List<String> own = names.getOrDefault(wanted, List.of());
    if (!own.isEmpty() && random.nextInt(4) == 0) {
      return own.get(random.nextInt(own.size()));
    }
    List<String> productions = PRODUCTIONS.getOrDefault(wanted, List.of());
    boolean leaf = depth == 0 || productions.isEmpty() || random.nextInt(4) == 0;
    List<String> choices = leaf ? LEAVES.get(wanted) : productions;
    if (choices == null) {
      throw new IllegalStateException("no production of " + wanted);
    }
    Matcher hole = HOLE.matcher(choices.get(random.nextInt(choices.size())));
    return hole.replaceAll(
        match -> Matcher.quoteReplacement(of(match.group(1), Math.max(0, depth - 1))));
  }

  /** What all productions together say, for a test that every function is among them. */
  static String grammar() {
    return String.join("\n", PRODUCTIONS.values().stream().flatMap(List::stream).toList());
  }
}
