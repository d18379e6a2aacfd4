package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules and rows that would take all time or memory, and values of a shape nobody declared. */
class RunawayTest {
  private static final TableSchema ARRAYS =
      new TableSchema(
          new TableId("public", "arrays"),
          List.of(
              new Column("id", ColumnType.of(Kind.INTEGER, "bigint"), false),
              new Column("ns", ColumnType.arrayOf(ColumnType.of(Kind.INTEGER, "bigint")), true),
              new Column("ss", ColumnType.arrayOf(ColumnType.of(Kind.TEXT, "text")), true)),
          List.of(0),
          ReplicaIdentity.DEFAULT,
          List.of(0));

  @ParameterizedTest
  @ValueSource(strings = {"[x, x]", "{'a': x, 'b': x}", "x.map(e, x)", "x / x"})
  void whatGrowsFromLetToLetIsRefused(String next) {
    StringBuilder lets = new StringBuilder("l0: ");
    lets.append(next.contains("/") ? "price / 3" : next.contains("map") ? "\"[1, 2]\"" : "price");
    for (int i = 1; i < 30; i++) {
      String before = "l" + (i - 1);
      lets.append("\n  l").append(i).append(": \"");
      lets.append(next.replaceAll("\\bx\\b", before)).append('"');
    }
    Compilation compilation =
        Shop.compile(Shop.rule("event: A\non: insert stocks\nlet:\n  " + lets + "\ndata: {l29}"));

    assertThat(compilation.issues()).isNotEmpty().allMatch(issue -> issue.code().equals("E120"));
    assertThat(compilation.issues().get(0).message())
        .isEqualTo(
            "with the let names in it, the expression can take more than 5000000 steps for one"
                + " change");
  }

  @Test
  void aLongChainOfLetNamesIsRefused() {
    StringBuilder lets = new StringBuilder("l0: price");
    IntStream.range(1, 600).forEach(i -> lets.append("\n  l" + i + ": l" + (i - 1) + " + 1"));
    String file = Shop.rule("event: A\non: insert stocks\nlet:\n  " + lets + "\ndata: {l1}");

    assertThat(Shop.compile(file).issues().get(0).message())
        .isEqualTo("with the let names in it, the expression is nested deeper than 500");
  }

  @Test
  void theRestOfTheWidestNumbersIsFoundAtOnce() {
    BigDecimal widest = new BigDecimal(BigInteger.TEN.pow(131_071)).add(BigDecimal.ONE);
    RuleSet rules =
        Shop.rules(Shop.rule("event: A\non: insert stocks\ndata: {rest: price % 3e-16383}"));

    long begun = System.nanoTime();
    assertThat(data(rules, Shop.inserted(Shop.STOCKS, 1L, "A", widest, null)))
        .startsWith("{\"rest\":0.000")
        .endsWith("2}");
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ns[0] + 1 | X408",
        "sum(ns) | X408",
        "ns.exists(n, n > 1) | X408",
        "ns.map(n, n * 2) | X408",
        "ss[0].upper() | X408",
        "ss.filter(s, s.startsWith('a')) | X408",
        "string(id).replace('1', 'abcdefgh').split('') | -",
        "ns | -",
        "size(ns) | -",
        "ns == [1] | -",
        "1 in ns | -",
      })
  void anArrayOfMoreDimensionsIsNoArrayOfValues(String expression, String code) {
    RuleSet rules = arrays("event: A\non: insert arrays\ndata: {x: \"" + expression + "\"}");
    List<Object> square = List.of(List.of(1L, 2L), List.of(3L, 4L));
    Change change = Shop.inserted(ARRAYS, 1L, square, List.of(List.of("a"), List.of("b")));

    assertThat(outcome(rules, change)).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ss[0].replace('a', ss[0]) | X407",
        "ss[0].split('') | X406",
        "string([ss[0], ss[0], ss[0], ss[0]].map(s, [s, s, s, s])) | X402",
        "[ss[0], ss[0], ss[0], ss[0]].map(s, [s, s, s, s]) | X402",
      })
  void whatGrowsBeyondAllBoundsIsADeadLetter(String expression, String code) {
    RuleSet rules = arrays("event: A\non: insert arrays\ndata: {x: \"" + expression + "\"}");

    assertThat(outcome(rules, Shop.inserted(ARRAYS, 1L, List.of(), List.of("a".repeat(3_000_000)))))
        .isEqualTo(code);
  }

  @Test
  void thatARowIsThereIsToldWithoutItsColumns() {
    RuleSet rules =
        arrays("event: A\non: arrays\nwhile: id > 0\nfor: 1m\nkey: after != null\ndata: {id}");
    Memory memory = new Memory();

    assertThat(rules.evaluate(Shop.inserted(ARRAYS, 1L, null, null), memory)).isEmpty();
    assertThat(rules.elapse(Shop.TIME.plusSeconds(60), memory))
        .singleElement()
        .isInstanceOf(Outcome.Event.class);
  }

  private static RuleSet arrays(String rule) {
    List<RuleFile> files = List.of(new RuleFile("rules.yaml", Shop.rule(rule)));
    return new RuleCompiler(files, Shop.DATABASE, null).compile(Shop.catalog(ARRAYS)).orThrow();
  }

  private static String data(RuleSet rules, Change change) {
    Outcome outcome = rules.evaluate(change, new Memory()).get(0);
    return ((Outcome.Event) outcome).event().data().toString();
  }

  /** The dead letter's code; a dash for an event. */
  private static String outcome(RuleSet rules, Change change) {
    Outcome outcome = rules.evaluate(change, new Memory()).get(0);
    return outcome instanceof Outcome.Dead dead ? dead.letter().code() : "-";
  }
}
