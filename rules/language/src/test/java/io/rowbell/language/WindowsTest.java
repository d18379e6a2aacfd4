package io.rowbell.language;

import static io.rowbell.language.Shop.DATABASE;
import static io.rowbell.language.Shop.row;
import static io.rowbell.language.Shop.rule;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Issue;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rules with functions over time. */
class WindowsTest {
  private static final TableSchema METRICS =
      Shop.table(
          "public.metrics",
          "FULL",
          "id! int8",
          "host text",
          "cpu numeric",
          "load float8",
          "hits int8",
          "seen_at ts");

  /** Windows of a minute have buckets of a second: this is the beginning of one. */
  private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

  private static final String ALL =
      """
      event: All
      on: insert or update metrics
      key: host
      data:
        n: count_over(cpu > 10, '1m')
        s: sum_over(cpu, '1m')
        a: avg_over(cpu, '1m')
        lo: min_over(cpu, '1m')
        hi: max_over(cpu, '1m')
      """;

  private static final String SUM =
      "event: S\non: insert metrics\nkey: host\ndata: {s: \"sum_over(hits, '1m')\"}\n";

  private RuleSet rules = compile(rule(ALL));
  private Memory memory = rules.recall(Map.of());
  private final Map<String, byte[]> journal = new HashMap<>();
  private Instant now = START;
  private int index;

  @Test
  void theChangeAtHandIsIncluded() {
    assertThat(cpu("a", "50.00"))
        .containsExactly("{\"n\":1,\"s\":50.00,\"a\":50.00,\"lo\":50.00,\"hi\":50.00}");
    assertThat(cpu("a", "5"))
        .containsExactly("{\"n\":1,\"s\":55.00,\"a\":27.50,\"lo\":5,\"hi\":50.00}");
  }

  @Test
  void theWindowIsTheNewestBucketAndThe59Before() {
    restart(rule(SUM));
    hits(1L, START.plusNanos(999_999_000));
    assertThat(hits(10L, START.plusMillis(59_999))).containsExactly("{\"s\":11}");
    assertThat(hits(100L, START.plusMillis(60_000))).containsExactly("{\"s\":110}");
    assertThat(hits(0L, START.plusMillis(118_999))).containsExactly("{\"s\":110}");
    assertThat(hits(0L, START.plusMillis(119_000))).containsExactly("{\"s\":100}");
    assertThat(hits(0L, START.plusSeconds(500))).containsExactly("{\"s\":0}");
  }

  @Test
  void aSpanThatSixtyDoesNotDivideIsRoundedUp() {
    restart(rule(SUM.replace("1m", "1s")));
    Instant bucket = Instant.ofEpochSecond(0, 16_667_000);
    hits(1L, bucket);
    assertThat(hits(1L, bucket.plusNanos(60 * 16_667_000L - 1000))).containsExactly("{\"s\":2}");
    assertThat(hits(1L, bucket.plusNanos(60 * 16_667_000L))).containsExactly("{\"s\":2}");
  }

  @Test
  void keysDoNotMix() {
    cpu("a", "50");
    assertThat(cpu("b", "60")).singleElement().asString().contains("\"s\":60,");
    assertThat(cpu(null, "70")).singleElement().asString().contains("\"s\":70,");
    assertThat(cpu(null, "70")).singleElement().asString().contains("\"s\":140,");
    assertThat(memory.size()).isEqualTo(3);
  }

  @Test
  void everyTypeKeepsItsOwn() {
    restart(
        rule(
            """
            event: Types
            on: insert metrics
            key: host
            let: {span: "'5m'"}
            data:
              ints: "[sum_over(hits, '5m'), min_over(hits, span), max_over(hits, '5m')]"
              mean: avg_over(hits, '5m')
              doubles: "[sum_over(load, '5m'), avg_over(load, '5m'), max_over(load, '5m')]"
              times: "max_over(seen_at, '5m') - min_over(seen_at, '5m')"
              cents: sum_over(cpu / 3, '5m')
            """));
    evaluate(insert(metric(1, "a", "1.00", 0.1, 1L, START)));

    assertThat(evaluate(insert(metric(2, "a", "2.00", 0.2, 4L, START.plusSeconds(90)))))
        .containsExactly(
            "{\"ints\":[5,1,4],\"mean\":2.5,\"doubles\":[0.30000000000000004,0.15000000000000002,0.2],"
                + "\"times\":\"PT1M30S\",\"cents\":1.0000000000000000000000000000000000}");
  }

  @Test
  void infiniteAndUndefinedNumbersAreNumericsToo() {
    Row infinite = row(METRICS, 1L, "a", Double.POSITIVE_INFINITY, null, null, null);
    assertThat(evaluate(insert(infinite)))
        .singleElement()
        .asString()
        .contains("\"s\":\"Infinity\"");
    assertThat(cpu("a", "1")).singleElement().asString().contains("\"lo\":1,\"hi\":\"Infinity\"");
    now = now.plusSeconds(60);
    assertThat(cpu("a", "1")).singleElement().asString().contains("\"s\":1,");
  }

  @Test
  void nullUnknownAndWhatWasNotLoggedCountForNothing() {
    cpu("a", null);
    Row unlogged = row(METRICS, 1L, "a", Row.NOT_LOGGED, null, null, null);

    assertThat(evaluate(insert(unlogged)))
        .containsExactly("{\"n\":0,\"s\":0,\"a\":null,\"lo\":null,\"hi\":null}");
    assertThat(memory.size()).isZero();
    cpu("a", "20");
    assertThat(evaluate(insert(unlogged)))
        .containsExactly("{\"n\":1,\"s\":20,\"a\":20,\"lo\":20,\"hi\":20}");
  }

  @Test
  void aSumOfIntsThatIsNoneFailsUntilItIsOneAgain() {
    restart(rule(SUM));
    hits(Long.MAX_VALUE, START);
    assertThat(outcomes(insert(hit(1L))))
        .singleElement()
        .isInstanceOfSatisfying(
            Outcome.Dead.class, dead -> assertThat(dead.letter().code()).isEqualTo("X401"));
    restartAsItIs();
    assertThat(hits(-2L, START.plusSeconds(1)))
        .containsExactly("{\"s\":" + (Long.MAX_VALUE - 1) + "}");
  }

  @Test
  void aChangeWithAnEarlierTimeIsAddedWhereItBelongs() {
    restart(rule(SUM));
    hits(1L, START.plusSeconds(30));
    assertThat(hits(10L, START.plusSeconds(10))).containsExactly("{\"s\":11}");
    assertThat(hits(100L, START.plusSeconds(69))).containsExactly("{\"s\":111}");
    assertThat(hits(1000L, START.plusSeconds(70))).containsExactly("{\"s\":1101}");
    // Older than the newest change's window.
    assertThat(hits(5L, START.plusSeconds(10))).containsExactly("{\"s\":1101}");
    assertThat(hits(5L, START.plusSeconds(11))).containsExactly("{\"s\":1106}");
  }

  @Test
  void whatTheConditionSaysAndInWhichOrderDoesNotMatter() {
    restart(
        rule(
            """
            event: Third
            on: update metrics(cpu)
            key: host
            when: cpu > 50 && count_over(true, '1m') >= 3
            data: {n: "count_over(true, '1m')"}
            """));
    Row low = metric(1, "a", "1", 0, 0, START);
    Row high = metric(1, "a", "60", 0, 0, START);
    assertThat(evaluate(update(high, low))).isEmpty();
    assertThat(evaluate(update(low, low))).isEmpty();
    assertThat(evaluate(insert(high))).isEmpty();
    assertThat(evaluate(update(low, high))).isEmpty();
    assertThat(evaluate(update(low, high))).containsExactly("{\"n\":3}");
  }

  @Test
  void transitionsCanBeCounted() {
    restart(
        rule(
            """
            event: Flapping
            on: update metrics
            let: {times: "count_over(becomes(cpu > 90), '10m')"}
            when: times >= 2
            data: {id, times}
            """));
    Row low = metric(1, "a", "1", 0, 0, START);
    Row high = metric(1, "a", "91", 0, 0, START);
    evaluate(update(low, high));
    assertThat(evaluate(update(high, high))).isEmpty();
    assertThat(evaluate(update(low, high))).containsExactly("{\"id\":1,\"times\":2}");
  }

  @Test
  void aRowOfASnapshotReadsTheWindowAndGivesNothing() {
    restart(rule(SUM.replace("on: insert", "on: snapshot or insert")));
    Change snapshot = new Change.Inserted(origin("b1"), hit(7L));
    assertThat(evaluate(snapshot)).containsExactly("{\"s\":0}");
    hits(1L, START);
    assertThat(evaluate(snapshot)).containsExactly("{\"s\":1}");
  }

  @Test
  void messagesAndTruncatesHaveOneWindow() {
    restart(
        rule("event: M\non: message pings\ndata: {n: \"count_over(content == 'x', '1m')\"}"),
        rule("event: T\non: truncate metrics\ndata: {n: \"count_over(true, '1m')\"}"));
    evaluate(new Change.Message(origin(null), "pings", "x", true));
    assertThat(evaluate(new Change.Message(origin(null), "pings", "x", true)))
        .containsExactly("{\"n\":2}");
    evaluate(new Change.Truncated(origin(null), METRICS));
    assertThat(evaluate(new Change.Truncated(origin(null), METRICS))).containsExactly("{\"n\":2}");
  }

  @Test
  void aCooldownKeepsTheRuleStillAndNotItsWindows() {
    restart(
        rule(
            """
            event: Busy
            on: insert metrics
            key: host
            when: sum_over(hits, '1m') > 2
            cooldown: 30s
            data: {s: "sum_over(hits, '1m')"}
            """));
    hits(1L, START);
    assertThat(hits(2L, START)).containsExactly("{\"s\":3}");
    assertThat(hits(4L, START.plusSeconds(29))).isEmpty();
    restartAsItIs();
    assertThat(hits(8L, START.plusSeconds(30))).containsExactly("{\"s\":15}");
  }

  @Test
  void lastAndAWindowTogether() {
    restart(
        rule(
            """
            event: Rising
            on: insert metrics
            key: host
            when: hits > last.hits && count_over(hits > last.hits, '1m') >= 2
            data: {hits, previous: last.hits, n: "count_over(hits > last.hits, '1m')"}
            """));
    hits(5L, START);
    assertThat(hits(6L, START)).isEmpty();
    assertThat(hits(4L, START)).isEmpty();
    restartAsItIs();
    assertThat(hits(7L, START)).containsExactly("{\"hits\":7,\"previous\":5,\"n\":2}");
  }

  @Test
  void aLevelOverTimeWithHysteresisAndAHoldTime() {
    restart(
        rule(
            """
            event: CpuHigh
            on: metrics
            key: host
            while: avg_over(cpu, '1m') > 90
            until: avg_over(cpu, '1m') < 70
            for: 5m
            resolved: CpuRecovered
            data: {host, cpu, avg: "avg_over(cpu, '1m')"}
            """));
    cpu("a", "80");
    assertThat(cpu("a", "100")).isEmpty();
    now = now.plusSeconds(30);
    // The average is 90.7 now: the state begins.
    cpu("a", "92");
    restartAsItIs();
    now = now.plusSeconds(290);
    cpu("a", "99");
    now = now.plusSeconds(10);
    assertThat(told(rules.elapse(now, memory)))
        .containsExactly("{\"host\":\"a\",\"cpu\":99,\"avg\":99}");
    assertThat(cpu("a", "45")).isEmpty();
    assertThat(cpu("a", "51")).containsExactly("{\"host\":\"a\",\"cpu\":51,\"avg\":65}");
    // Time alone does not end or begin anything.
    cpu("a", "300");
    assertThat(told(rules.elapse(now.plusSeconds(3600), memory))).hasSize(1);
  }

  @Test
  void aFailingInputGivesNothingToAnyWindow() {
    restart(
        rule(
            """
            event: Ratio
            on: insert metrics
            key: host
            data: {n: "count_over(true, '1m')", q: "sum_over(100 / hits, '1m')"}
            """));
    hits(10L, START);
    assertThat(outcomes(insert(hit(0L)))).singleElement().isInstanceOf(Outcome.Dead.class);
    assertThat(hits(10L, START)).containsExactly("{\"n\":2,\"q\":20}");
  }

  @Test
  void whatIsOlderThanTheLongestWindowIsForgotten() {
    cpu("a", "50");
    cpu("b", "50");
    now = now.plusSeconds(120);
    cpu("b", "50");
    assertThat(memory.size()).isEqualTo(2);
    now = now.plusNanos(1000);
    cpu("b", "50");
    assertThat(memory.size()).isEqualTo(1);
    append();
    assertThat(journal).containsOnlyKeys("rule/All:windows/b");
  }

  @Test
  void aLateChangeDoesNotLetTheOthersBeForgottenEarlier() {
    restart(rule(SUM.replace("1m", "1h")));
    hits(1L, START.plusSeconds(59 * 60));
    hits(10L, START);
    now = START.plusSeconds(90 * 60);
    evaluate(insert(row(METRICS, 1L, "b", null, null, 5L, null)));
    assertThat(hits(100L, now)).containsExactly("{\"s\":101}");
  }

  @Test
  void manyChangesInOneBucketAreCounted() {
    for (int i = 0; i < 20_000; i++) {
      outcomes(insert(row(METRICS, 1L, "a", BigDecimal.valueOf(11), null, null, null)));
    }
    restartAsItIs();
    assertThat(cpu("a", "11"))
        .containsExactly("{\"n\":20001,\"s\":220011,\"a\":11,\"lo\":11,\"hi\":11}");
  }

  @Test
  void aKeyTakesABoundedNumberOfBytes() {
    for (int i = 0; i < 2000; i++) {
      cpu("a", "12345678.90");
      now = now.plusMillis(700);
    }
    append();
    assertThat(journal.get("rule/All:windows/a")).hasSizeBetween(2000, 6200);
  }

  @Test
  void theSameWindowTwiceIsKeptOnce() {
    restart(rule(SUM));
    hits(1L, START);
    restart(rule(SUM.replace("data: {", "data: {t: \"-sum_over(hits, '1m')\", ")));
    assertThat(hits(2L, START)).containsExactly("{\"t\":-3,\"s\":3}");
  }

  @Test
  void aChangedWindowBeginsAfreshAndAnotherThresholdDoesNot() {
    String hot =
        """
        rules: v1
        vars: {hot: 1, floor: 0}
        triggers:
          - event: Hot
            on: insert metrics
            key: host
            let: {warm: hits > vars.floor}
            when: count_over(warm, '1m') >= vars.hot
            data: {n: "count_over(warm, '1m')"}
        """;
    restart(hot);
    hits(1L, START);
    restart(hot.replace("hot: 1", "hot: 2"));
    assertThat(hits(1L, START)).containsExactly("{\"n\":2}");
    assertThat(memory.takeRestarted()).isEmpty();
    for (String changed :
        List.of(
            hot.replace("'1m'", "'2m'"),
            hot.replace("floor: 0", "floor: -1"),
            hot.replace("hits >", "hits >="))) {
      hits(1L, START);
      restart(changed);
      assertThat(memory.takeRestarted()).containsExactly("Hot");
      assertThat(hits(1L, START)).containsExactly("{\"n\":1}");
    }
  }

  @Test
  void aChangedWindowLeavesWhatLastRemembers() {
    String both = "event: B\non: insert metrics\nkey: host\nwhen: hits > last.hits\n";
    String data = "data: {previous: last.hits, s: \"sum_over(hits, '1m')\"}\n";
    restart(rule(both + data));
    hits(1L, START);
    restart(rule(both + data.replace("1m", "2m")));
    assertThat(hits(2L, START)).containsExactly("{\"previous\":1,\"s\":2}");
  }

  @Test
  void privateColumnsAreFollowedAndAKeyIsNoPlaceForAWindow() {
    String secret =
        "rules: v1\nprivate: [metrics.hits]\ntriggers:\n  - event: S\n    on: insert metrics\n";
    assertThat(problems(secret + "    data: {s: \"sum_over(hits, '1m')\"}\n"))
        .containsExactly("E301 'hits' is private, and would leave in 'data'");
    assertThat(problems(secret + "    data: {n: \"count_over(hits > 1, '1m')\"}\n"))
        .containsExactly("E301 'hits' is private, and would leave in 'data'");
    assertThat(problems(secret + "    when: count_over(hits > 1, '1m') > 2\n    data: {id}\n"))
        .isEmpty();
    assertThat(
            problems(
                rule(
                    "event: K\non: insert metrics\nlet: {n: \"count_over(true, '1m')\"}\nkey: n\ndata:"
                        + " {id}")))
        .containsExactly("E114 a window is kept by key, so the key cannot depend on one");
    assertThat(
            problems(
                rule(
                    "event: K\non: update metrics\nlet: {n: \"count_over(true, '1m')\"}\nwhen:"
                        + " becomes(n > 1) && sum_over(n, '1m') > 1\ndata: {id}")))
        .containsExactly(
            "E114 becomes() looks at two rows, and a window at changes",
            "E114 a window cannot look at another window");
  }

  /** Against a list of everything that was ever given, through restarts. */
  @Test
  void isWhatAListOfAllChangesSays() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Map<String, List<Given>> all = new HashMap<>();
    for (int i = 0; i < 4000; i++) {
      now = now.plusMillis(random.nextInt(i % 500 == 0 ? 90_000 : 1500));
      // A commit may be up to 20 seconds older than one before it.
      Instant time = random.nextInt(4) == 0 ? now.minusMillis(random.nextInt(20_000)) : now;
      String host = "h" + random.nextInt(5);
      BigDecimal cpu =
          random.nextInt(10) == 0 ? null : BigDecimal.valueOf(random.nextInt(4000) - 1000, 2);
      List<Given> given = all.computeIfAbsent(host, h -> new ArrayList<>());
      if (cpu != null) {
        given.add(new Given(time.getEpochSecond(), cpu));
      }
      Row row = row(METRICS, 1L, host, cpu, null, null, null);
      assertThat(evaluate(new Change.Inserted(at(time), row)))
          .as("seed %d, change %d", seed, i)
          .containsExactly(expected(given, time.getEpochSecond()));
      if (random.nextInt(50) == 0) {
        restartAsItIs();
      }
    }
  }

  private record Given(long second, BigDecimal cpu) {}

  private static String expected(List<Given> given, long second) {
    long newest = Math.max(second, given.stream().mapToLong(Given::second).max().orElse(second));
    List<BigDecimal> in =
        given.stream().filter(each -> each.second > newest - 60).map(Given::cpu).toList();
    BigDecimal sum = in.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    BigDecimal size = BigDecimal.valueOf(in.size());
    return "{\"n\":%d,\"s\":%s,\"a\":%s,\"lo\":%s,\"hi\":%s}"
        .formatted(
            in.stream().filter(cpu -> cpu.compareTo(BigDecimal.TEN) > 0).count(),
            sum,
            in.isEmpty() ? null : sum.divide(size, MathContext.DECIMAL128).toPlainString(),
            in.stream().min(Comparator.naturalOrder()).orElse(null),
            in.stream().max(Comparator.naturalOrder()).orElse(null));
  }

  private static RuleSet compile(String... files) {
    return compilation(files).orThrow();
  }

  private static Compilation compilation(String... files) {
    List<RuleFile> named = new ArrayList<>();
    for (String file : files) {
      named.add(new RuleFile("r" + named.size(), file));
    }
    return new RuleCompiler(named, DATABASE, null).compile(Shop.catalog(METRICS));
  }

  private static List<String> problems(String file) {
    return compilation(file).issues().stream()
        .filter(issue -> issue.severity() == Issue.Severity.ERROR)
        .map(issue -> issue.code() + " " + issue.message())
        .toList();
  }

  private List<String> cpu(@Nullable String host, @Nullable String cpu) {
    BigDecimal value = cpu == null ? null : new BigDecimal(cpu);
    return evaluate(insert(row(METRICS, 1L, host, value, null, null, null)));
  }

  private List<String> hits(Long hits, Instant time) {
    return evaluate(new Change.Inserted(at(time), hit(hits)));
  }

  private static Row hit(Long hits) {
    return row(METRICS, 1L, "a", null, null, hits, null);
  }

  private static Row metric(
      long id, String host, String cpu, double load, long hits, Instant seenAt) {
    return row(METRICS, id, host, new BigDecimal(cpu), load, hits, seenAt);
  }

  private Change insert(Row after) {
    return new Change.Inserted(origin(null), after);
  }

  private Change update(Row before, Row after) {
    return new Change.Updated(origin(null), before, after);
  }

  private List<Outcome> outcomes(Change change) {
    return rules.evaluate(change, memory);
  }

  private List<String> evaluate(Change change) {
    return told(outcomes(change));
  }

  private static List<String> told(List<Outcome> outcomes) {
    return outcomes.stream()
        .map(outcome -> new String(((Outcome.Event) outcome).event().data().bytes(), UTF_8))
        .toList();
  }

  private void append() {
    memory
        .takeChanges()
        .forEach(
            (name, value) -> {
              if (value == null) {
                journal.remove(name);
              } else {
                journal.put(name, value);
              }
            });
  }

  private void restart(String... files) {
    append();
    rules = compile(files);
    memory = rules.recall(journal);
  }

  private void restartAsItIs() {
    append();
    memory = rules.recall(journal);
  }

  private Origin at(Instant time) {
    return new Origin(771, time, Position.parse("0/16B3748"), index++, null);
  }

  private Origin origin(@Nullable String backfill) {
    return new Origin(
        backfill == null ? 771 : 0, now, Position.parse("0/16B3748"), index++, backfill);
  }
}
