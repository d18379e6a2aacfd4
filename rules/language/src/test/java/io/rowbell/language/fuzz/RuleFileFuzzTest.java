package io.rowbell.language.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.rowbell.language.Allocation;
import io.rowbell.language.Compilation;
import io.rowbell.language.Outcome;
import io.rowbell.language.PageTables;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleFile;
import io.rowbell.language.RuleSet;
import io.rowbell.language.contract.ContractCheck;
import io.rowbell.language.expression.KeyedHash;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Issue;
import io.rowbell.language.memory.Memory;
import io.rowbell.language.testing.RuleTests;
import io.rowbell.language.testing.TestFailure;
import io.rowbell.language.testing.TestResult;
import io.rowbell.model.Catalog;
import io.rowbell.model.Change;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.EventData;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Rule files made at random, and files of the documentation and the examples with random faults:
 * issues, each with a next step, or rules, never an exception, never a hang and never more than a
 * bound of memory; and of rules, whatever the rows, events that keep to the rules' contract or dead
 * letters, never a fault of the evaluator's own.
 *
 * <p>{@code -Drowbell.fuzz.minutes=10} goes on for so long, from a seed that it tells; {@code
 * -Drowbell.fuzz.seed=…} runs one seed again.
 */
class RuleFileFuzzTest {
  private static final int SEEDS = 400;
  private static final Duration HANG = Duration.ofSeconds(60);

  /** What reading and compiling a file of some kilobytes may allocate in all. */
  private static final long MOST_BYTES = 256L << 20;

  private static final DatabaseId DATABASE = new DatabaseId("7300000000000000001", "shop");
  private static final KeyedHash HASH =
      new KeyedHash("0123456789abcdef".getBytes(StandardCharsets.UTF_8));
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNumberLength(1 << 20).build())
          .build();
  private static final Pattern EXAMPLE =
      Pattern.compile("```yaml\\n(rules: v1\\n.*?)```", Pattern.DOTALL);

  /** In the reference's first column: {@code `abs(x)`} or {@code `text.size()`}. */
  private static final Pattern FUNCTION =
      Pattern.compile("(?m)(?:^\\| |<br>)`(?:\\w+\\.)?(\\w+)\\([^`]*\\)`(?= \\||<br>`\\w+[.(])");

  private static List<String> written = List.of();
  private static Map<TableId, TableSchema> pageTables = Map.of();

  @BeforeAll
  static void readWhatIsWritten() throws IOException {
    List<String> files = new ArrayList<>();
    String page = Files.readString(Path.of("../../docs/rule-language.md"));
    pageTables = PageTables.of(page).tables();
    EXAMPLE.matcher(page).results().forEach(example -> files.add(example.group(1)));
    try (Stream<Path> examples = Files.walk(Path.of("../../examples"))) {
      for (Path file : examples.filter(RuleFileFuzzTest::isRuleFile).sorted().toList()) {
        files.add(Files.readString(file));
      }
    }
    assertThat(files).hasSizeGreaterThan(10);
    written = List.copyOf(files);
  }

  private static boolean isRuleFile(Path file) {
    String path = file.toString().replace('\\', '/');
    return path.endsWith(".yaml") && path.contains("rules") && !path.contains("/target/");
  }

  @Test
  void compileOrSayWhyAndEvaluateOrSayWhy() {
    Long seed = Long.getLong("rowbell.fuzz.seed");
    long minutes = Long.getLong("rowbell.fuzz.minutes", 0);
    Tally tally = new Tally();
    if (seed != null) {
      run(seed, tally);
    } else if (minutes > 0) {
      long end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
      for (long next = System.nanoTime(); System.nanoTime() < end; next++) {
        run(next, tally);
      }
    } else {
      for (long next = 1; next <= SEEDS; next++) {
        run(next, tally);
      }
      // What is never compiled or never fires tests nothing.
      assertThat(tally.compiled).as("files that compile").isGreaterThan(SEEDS / 5);
      assertThat(tally.events).as("events").isGreaterThan(SEEDS / 2);
      assertThat(tally.letters).as("dead letters").isGreaterThan(SEEDS / 5);
      assertThat(tally.shadows).as("of rules in shadow").isGreaterThan(SEEDS / 20);
      assertThat(tally.children).as("rules that read child rows").isGreaterThan(SEEDS / 40);
      assertThat(tally.passed).as("tests that pass").isGreaterThan(SEEDS / 20);
      assertThat(tally.failed).as("tests that fail").isGreaterThan(SEEDS / 40);
    }
  }

  @Test
  void everyFunctionTakesPart() throws IOException {
    String reference = Files.readString(Path.of("../../docs/functions.md"));
    String grammar = RandomExpressions.grammar();
    List<String> functions =
        FUNCTION
            .matcher(reference)
            .results()
            .map(function -> function.group(1))
            .distinct()
            .toList();
    assertThat(functions)
        .hasSizeGreaterThan(30)
        .allSatisfy(function -> assertThat(grammar).contains(function + "("));
  }

  private static final class Tally {
    int compiled;
    int events;
    int letters;
    int shadows;
    int children;
    int passed;
    int failed;
    long mostBytes;
  }

  private static void run(long seed, Tally tally) {
    Random random = new Random(seed);
    TableSchema wide = RandomTables.wide(random);
    Catalog catalog =
        new Catalog(List.of("public"), pageTables).with(wide).with(RandomTables.parts(random));
    String made = new RandomRuleFiles(random).file();
    String file =
        switch (random.nextInt(4)) {
          case 0 -> Mutation.of(made, random);
          case 1 -> Mutation.of(written.get(random.nextInt(written.size())), random);
          default -> made;
        };
    try {
      assertTimeoutPreemptively(HANG, () -> use(file, catalog, random, tally));
    } catch (Throwable e) {
      throw new AssertionError("-Drowbell.fuzz.seed=" + seed + "\n" + file, e);
    }
  }

  private static void use(String file, Catalog catalog, Random random, Tally tally)
      throws IOException {
    List<RuleFile> files = List.of(new RuleFile("rules.yaml", file));
    long before = Allocation.bytes();
    Compilation compilation = new RuleCompiler(files, DATABASE, HASH).compile(catalog);
    long bytes = Allocation.bytes() - before;
    tally.mostBytes = Math.max(tally.mostBytes, bytes);
    assertThat(bytes).as("what compiling it took").isLessThan(MOST_BYTES);
    int lines = (int) file.lines().count() + 1;
    for (Issue issue : compilation.issues()) {
      assertThat(issue.location().line()).as(issue.render()).isBetween(1, lines);
      assertThat(issue.message()).isNotBlank();
      assertThat(issue.help()).as("what to do next: %s", issue.render()).isNotBlank();
    }
    boolean refused =
        compilation.issues().stream().anyMatch(i -> i.severity() == Issue.Severity.ERROR);
    assertThat(compilation.rules().isEmpty()).as(compilation.render()).isEqualTo(refused);
    if (compilation.rules().isPresent()) {
      tally.compiled++;
      RuleSet rules = compilation.rules().get();
      if (file.contains("with: {kids")) {
        tally.children++;
      }
      assertThat(rules.outputs()).isNotNull();
      List<TableSchema> tables =
          rules.requirements().tables().keySet().stream()
              .sorted()
              .flatMap(table -> catalog.find(table).stream())
              .toList();
      evaluate(rules, new RandomRows(random).changes(tables, 20), tally);
    }
    test(RuleTests.of(files, catalog, HASH), lines, tally);
  }

  private static void test(RuleTests tests, int lines, Tally tally) {
    for (Issue issue : tests.testIssues()) {
      assertThat(issue.location().line()).as(issue.render()).isBetween(1, lines);
      assertThat(issue.message()).isNotBlank();
      assertThat(issue.help()).as("what to do next: %s", issue.render()).isNotBlank();
    }
    if (tests.canRun()) {
      for (TestResult result : tests.run().results()) {
        TestFailure failure = result.failure();
        if (failure == null) {
          tally.passed++;
        } else {
          tally.failed++;
          assertThat(failure.message()).isNotBlank().doesNotContain(Codes.FAULT);
        }
      }
    }
  }

  private static void evaluate(RuleSet rules, List<Change> changes, Tally tally)
      throws IOException {
    assertThat(rules.fingerprint()).isNotEmpty();
    assertThat(rules.requirements()).isNotNull();
    ContractCheck contract = new ContractCheck(rules.outputs());
    Map<String, byte[]> journal = new HashMap<>();
    Memory memory = rules.recall(journal);
    List<List<Change>> transactions = transactions(changes);
    for (int i = 0; i < transactions.size(); i++) {
      if (i == transactions.size() / 2) {
        // As after a restart.
        memory = rules.recall(journal);
      }
      List<Change> transaction = transactions.get(i);
      check(
          transaction.size() == 1
              ? rules.evaluate(transaction.get(0), memory)
              : rules.transaction(transaction, memory),
          contract,
          tally);
      store(memory, journal);
    }
    check(rules.elapse(Instant.parse("2040-01-01T00:00:00Z"), memory), contract, tally);
  }

  /** Changes that follow each other and have one number belong together. */
  private static List<List<Change>> transactions(List<Change> changes) {
    List<List<Change>> transactions = new ArrayList<>();
    long last = 0;
    for (Change change : changes) {
      long xid = change.origin().xid();
      if (xid == 0 || xid != last) {
        transactions.add(new ArrayList<>());
      }
      transactions.get(transactions.size() - 1).add(change);
      last = xid;
    }
    return transactions;
  }

  private static void store(Memory memory, Map<String, byte[]> journal) {
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

  /**
   * Checks what is made of changes.
   *
   * @param contract what it must keep to; null for rules in shadow, which have none
   */
  private static void check(List<Outcome> outcomes, @Nullable ContractCheck contract, Tally tally)
      throws IOException {
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Shadow shadow) {
        tally.shadows++;
        check(List.of(shadow.would()), null, tally);
      }
      if (outcome instanceof Outcome.Event event) {
        tally.events++;
        parse(event.event().data());
        if (contract != null) {
          contract.check(event.event());
        }
      } else if (outcome instanceof Outcome.Dead dead) {
        tally.letters++;
        assertThat(dead.letter().code()).as(dead.letter().reason()).isNotEqualTo(Codes.FAULT);
        parse(dead.letter().payload());
      } else if (outcome instanceof Outcome.Halt halt) {
        assertThat(halt.code()).as(halt.reason()).isNotEqualTo(Codes.FAULT);
      }
    }
  }

  private static void parse(EventData data) throws IOException {
    try (JsonParser parser = JSON.createParser(data.bytes())) {
      int values = 0;
      while (parser.nextToken() != null) {
        values++;
      }
      assertThat(values).isPositive();
    }
  }
}
