package io.rowbell.language.testing;

import io.rowbell.language.Entries;
import io.rowbell.language.EventShape;
import io.rowbell.language.RuleFile;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.yaml.YamlList;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlReader;
import io.rowbell.language.yaml.YamlScalar;
import io.rowbell.model.Catalog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the tests of a rule file, whose rules have been compiled. */
final class TestReader {
  private static final List<String> KEYS = List.of("test", "steps");

  private final StepReader steps;
  private final Problems problems;

  TestReader(Catalog catalog, List<EventShape> shapes, Problems problems) {
    this.steps = new StepReader(catalog, new ExpectationReader(shapes, problems), problems);
    this.problems = problems;
  }

  /** The tests of a file, as far as they can be read. */
  List<RuleTest> read(RuleFile file) {
    // What is wrong with the YAML was noted when the rules were compiled.
    YamlNode document = YamlReader.read(file.name(), file.text(), new Problems());
    if (!(document instanceof YamlMap top)) {
      return List.of();
    }
    YamlMap.Entry entry = top.get("tests");
    if (entry == null || Entries.broken(entry.value())) {
      return List.of();
    }
    if (!(entry.value() instanceof YamlList list)) {
      new Entries(top, problems)
          .wrongKind(
              entry.value(),
              "tests",
              "a list of tests",
              "begin each test on a line with '- test: '");
      return List.of();
    }
    List<RuleTest> tests = new ArrayList<>();
    Map<String, Location> names = new HashMap<>();
    for (YamlNode item : list.items()) {
      RuleTest test = item instanceof YamlMap map ? test(map) : noTest(item);
      if (test != null) {
        tests.add(test);
        Location first = names.putIfAbsent(test.name(), test.at());
        if (first != null) {
          problems.error(
              Codes.DUPLICATE_TEST,
              test.at(),
              "there is another test '" + test.name() + "'",
              "it is on line " + first.line() + ": give one of them a name of its own");
        }
      }
    }
    return tests;
  }

  private @Nullable RuleTest noTest(YamlNode item) {
    if (!Entries.broken(item)) {
      problems.error(
          Codes.WRONG_KIND,
          item.location(),
          "a test is a mapping, and there is " + item.kind() + " here",
          "write for example '- test: an order is placed'");
    }
    return null;
  }

  private @Nullable RuleTest test(YamlMap map) {
    Entries entries = new Entries(map, problems).allow(KEYS);
    if (!entries.has("test")) {
      entries.missing("this test", "test", "say in a few words what it shows");
    }
    if (!entries.has("steps")) {
      entries.missing("this test", "steps", "list what happens, and what is expected");
    }
    YamlScalar name = entries.text("test");
    YamlNode listed = entries.node("steps");
    List<Step> read = List.of();
    if (listed instanceof YamlList list) {
      read = steps.steps(list);
    } else if (listed != null && !Entries.broken(listed)) {
      entries.wrongKind(
          listed, "steps", "a list of steps", "begin each step on a line with '- insert table: '");
    }
    return name == null ? null : new RuleTest(name.value(), name.location(), read);
  }
}
