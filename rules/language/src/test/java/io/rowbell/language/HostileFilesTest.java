package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.rowbell.language.memory.Memory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule files that somebody wrote to bring the engine down: refused, soon and in little memory. */
class HostileFilesTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  /** Twenty levels of ten aliases each: 10^20 nodes if anybody followed them. */
  private static String aliasBomb() {
    return "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + IntStream.rangeClosed(1, 20)
            .mapToObj(
                i ->
                    "a%d: &a%d [%s]\n"
                        .formatted(
                            i,
                            i,
                            Stream.generate(() -> "*a" + (i - 1))
                                .limit(10)
                                .collect(Collectors.joining(", "))))
            .collect(Collectors.joining());
  }

  static Stream<String> files() {
    String rule = Shop.rule("event: A\non: insert stocks\nwhen: EXPRESSION\ndata: {id}");
    return Stream.of(
        aliasBomb(),
        "rules: v1\ntriggers: &t [*t]\n",
        "[".repeat(500_000),
        "{a: ".repeat(200_000),
        "- ".repeat(400_000),
        "? ".repeat(400_000),
        "a: |\n" + " x\n".repeat(340_000),
        "\"" + "\\".repeat(1_000_000),
        "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL"
            + " ['http://127.0.0.1/']]]]",
        "rules: v1\nrules: v1\n" + "triggers: []\n".repeat(70_000),
        "%YAML 1.2\n" + "%TAG ! tag:x,2000:\n".repeat(40_000) + "---\na",
        "x: " + "9".repeat(1_000_000),
        rule.replace("EXPRESSION", "(".repeat(2_000) + "true" + ")".repeat(2_000)),
        rule.replace("EXPRESSION", "\"" + "[".repeat(2_000) + "]".repeat(2_000) + " == []\""),
        rule.replace("EXPRESSION", "'" + "id > 0 && ".repeat(100_000) + "true'"),
        rule.replace(
            "EXPRESSION",
            "\"" + "[1,2,3,4,5,6,7,8,9].all(a, ".repeat(12) + "true" + ")".repeat(12) + "\""),
        rule.replace("EXPRESSION", "matches(symbol, '((((a{1000}){1000}){1000}){1000})')"),
        rule.replace("EXPRESSION", "matches(symbol, '((a{100}){100}){100}')"),
        rule.replace("EXPRESSION", "matches(symbol, '(a{1001})')"),
        rule.replace("EXPRESSION", "matches(symbol, '(?=a)a')"),
        rule.replace("EXPRESSION", "a" + ".a".repeat(40_000)),
        rule.replace("EXPRESSION", "\"symbol == '" + "a".repeat(40_000) + "' && nothing\""),
        rule.replace("EXPRESSION", "true").replace("{id}", "a" + ", a".repeat(40_000)),
        rule.replace("EXPRESSION", "true").replace("{id}", "{a" + ".a".repeat(40_000) + "}"),
        rule.replace("EXPRESSION", "true")
            .replace("insert stocks", "insert" + ", update".repeat(40_000)),
        rule.replace("EXPRESSION", "true")
            .replace("insert stocks", "after insert" + " or update".repeat(40_000) + " on x"),
        rule.replace("EXPRESSION", "true")
            .replace("insert stocks", "[insert" + ", update".repeat(40_000) + "] stocks"),
        "rules: v1\nprivate: ['\"" + "a".repeat(40_000) + "\".x']\n" + rule,
        rule.replace("EXPRESSION", "\"matches(symbol, '" + "(".repeat(1_900) + "')\""));
  }

  @ParameterizedTest
  @MethodSource("files")
  void aHostileFileIsRefused(String file) {
    Compilation compilation = assertTimeoutPreemptively(SOON, () -> Shop.compile(file));

    assertThat(compilation.rules()).isEmpty();
    assertThat(compilation.issues()).isNotEmpty();
    assertThat(compilation.render()).hasSizeLessThan(20_000_000);
  }

  /** In a process of its own: with more than it has it would end with an error. */
  @Test
  void allOfThemAreRefusedInASmallHeap() throws Exception {
    Process process =
        child(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                SmallHeap.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
      assertThat(process.exitValue()).isEqualTo((int) files().count());
    } finally {
      process.destroyForcibly();
    }
  }

  /** With this process's class path, through the environment: it may be long. */
  private static ProcessBuilder child(String... command) {
    ProcessBuilder child = new ProcessBuilder(command);
    String classpath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    child.environment().put("CLASSPATH", classpath);
    return child;
  }

  /** Compiles every hostile file; its exit code is how many were refused. */
  static final class SmallHeap {
    private SmallHeap() {}

    public static void main(String[] args) {
      System.exit((int) files().filter(file -> Shop.compile(file).rules().isEmpty()).count());
    }
  }

  /** What takes exponential time in engines that backtrack. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a+)+$",
        "(a|aa)+$",
        "(.*)*x",
        "(a|a?)+$",
        "(.*a){20}$",
        "([a-zA-Z]+)*$",
        "(a{1,30}){1,30}$"
      })
  void aPatternTakesTimeInProportionToTheText(String pattern) {
    RuleSet rules =
        Shop.rules(
            Shop.rule(
                "event: A\non: insert stocks\nwhen: \"symbol.matches('%s')\"\ndata: {id}"
                    .formatted(pattern)));
    String text = "a".repeat(100_000) + "!";

    assertThat(
            assertTimeoutPreemptively(
                SOON,
                () ->
                    rules.evaluate(Shop.inserted(Shop.STOCKS, 1L, text, null, null), new Memory())))
        .hasSizeLessThan(2);
  }

  @Test
  void manyHostileRulesAreRefusedInOneGo() {
    String triggers =
        IntStream.range(0, 2_000)
            .mapToObj(
                i ->
                    "  - {event: E%d, on: insert stocks, when: \"%s\", data: {id}}\n"
                        .formatted(i, "!".repeat(400) + "x"))
            .collect(Collectors.joining());

    Compilation compilation =
        assertTimeoutPreemptively(SOON, () -> Shop.compile("rules: v1\ntriggers:\n" + triggers));

    assertThat(compilation.rules()).isEmpty();
  }
}
