package io.rowbell.language.testing;

import io.rowbell.language.Entries;
import io.rowbell.language.StepTarget;
import io.rowbell.language.expression.Durations;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.yaml.YamlList;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlScalar;
import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.Operation;
import io.rowbell.model.TableSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads steps. A step is a mapping whose first key says what it is; {@code truncate orders} may
 * stand alone.
 */
final class StepReader {
  static final List<String> WRITES =
      List.of("insert", "update", "delete", "truncate", "snapshot", "message");
  static final List<String> OTHERS = List.of("wait", "transaction", "expect", "fails");

  private final Catalog catalog;
  private final ExpectationReader expectations;
  private final Problems problems;

  StepReader(Catalog catalog, ExpectationReader expectations, Problems problems) {
    this.catalog = catalog;
    this.expectations = expectations;
    this.problems = problems;
  }

  /** The steps that can be read. */
  List<Step> steps(YamlList list) {
    List<Step> steps = new ArrayList<>();
    for (YamlNode item : list.items()) {
      Step step = Entries.broken(item) ? null : step(item);
      if (step != null) {
        steps.add(step);
      }
    }
    return steps;
  }

  /** A step's key, and what stands under it. */
  private record Head(YamlScalar key, @Nullable YamlNode value, YamlMap map) {
    String word() {
      return key.value().strip().split("\\s+", 2)[0];
    }

    Entries entries(Problems problems) {
      return new Entries(map, problems);
    }
  }

  private @Nullable Head head(YamlNode item) {
    if (item instanceof YamlScalar scalar && !scalar.isEmpty()) {
      return new Head(scalar, null, new YamlMap(scalar.location(), List.of()));
    }
    if (item instanceof YamlMap map && !map.entries().isEmpty()) {
      YamlMap.Entry first = map.entries().get(0);
      return new Head(first.key(), first.value(), map);
    }
    problems.error(
        Codes.WRONG_KIND,
        item.location(),
        "a step is a mapping, and there is " + item.kind() + " here",
        "write for example '- insert orders: {id: 1}'");
    return null;
  }

  private @Nullable Step step(YamlNode item) {
    Head head = head(item);
    if (head == null || (head.value() != null && Entries.broken(head.value()))) {
      return null;
    }
    String word = head.word();
    if (WRITES.contains(word)) {
      Step.Write write = write(head);
      return write == null ? null : new Step.Transaction(write.at(), List.of(write));
    }
    return switch (head.key().value()) {
      case "wait" -> pause(head);
      case "transaction" -> transaction(head);
      case "expect", "fails" -> {
        Expectation expectation = expectations.read(head.map());
        yield expectation == null ? null : new Step.Expect(head.key().location(), expectation);
      }
      default -> unknown(head, OTHERS);
    };
  }

  private @Nullable Step unknown(Head head, List<String> others) {
    List<String> words = new ArrayList<>(WRITES);
    words.addAll(others);
    problems.error(
        Codes.NO_STEP,
        head.key().location(),
        "there is no step '" + head.key().value() + "'",
        Suggestions.didYouMean(head.word(), words)
            .orElse("the steps are " + String.join(", ", words)));
    return null;
  }

  private @Nullable Step pause(Head head) {
    only(head, "wait");
    YamlScalar text = head.entries(problems).text("wait");
    Duration duration = text == null ? null : Durations.read("wait", text, problems);
    return duration == null ? null : new Step.Wait(head.key().location(), duration);
  }

  private @Nullable Step transaction(Head head) {
    only(head, "transaction");
    if (!(head.value() instanceof YamlList list)) {
      problems.error(
          Codes.WRONG_KIND,
          head.value() == null ? head.key().location() : head.value().location(),
          "'transaction' is a list of steps",
          "list what it writes below it");
      return null;
    }
    List<Step.Write> writes = new ArrayList<>();
    for (YamlNode item : list.items()) {
      Head inner = Entries.broken(item) ? null : head(item);
      if (inner == null || (inner.value() != null && Entries.broken(inner.value()))) {
        continue;
      }
      if (inner.word().equals("snapshot") || OTHERS.contains(inner.word())) {
        problems.error(
            Codes.NO_STEP,
            inner.key().location(),
            "'" + inner.word() + "' is no part of a transaction",
            "write it as a step of its own");
      } else if (!WRITES.contains(inner.word())) {
        unknown(inner, List.of());
      } else {
        Step.Write write = write(inner);
        if (write != null) {
          writes.add(write);
        }
      }
    }
    return new Step.Transaction(head.key().location(), writes);
  }

  private Entries only(Head head, String... keys) {
    return head.entries(problems).allow(List.of(keys));
  }

  private Step.@Nullable Write write(Head head) {
    StepTarget target = StepTarget.read(head.key(), catalog, problems).orElse(null);
    String key = head.key().value();
    boolean found = target != null && finds(target.operation());
    Entries entries =
        found ? only(head, key, "where") : head.value() == null ? null : only(head, key);
    if (target == null) {
      return null;
    }
    if (target.prefix() != null) {
      YamlScalar content = entries == null ? null : entries.text(key);
      return content == null
          ? null
          : new Step.MessageWrite(head.key().location(), target.prefix(), content.value());
    }
    TableSchema table = target.table();
    return table == null ? null : row(head, target.operation(), table, entries);
  }

  /** Whether an operation is about a row that is there. */
  private static boolean finds(Operation operation) {
    return operation == Operation.UPDATE || operation == Operation.DELETE;
  }

  private Step.@Nullable Write row(
      Head head, Operation operation, TableSchema table, @Nullable Entries entries) {
    boolean nothing = head.value() == null || Plain.isNull(head.value());
    if (operation == Operation.TRUNCATE) {
      if (!nothing) {
        problems.error(
            Codes.WRONG_KIND,
            head.key().location(),
            "a truncated table has no columns to give",
            "write 'truncate " + table.id().sql() + "' alone");
      }
      return new Step.RowWrite(head.key().location(), operation, table, Map.of(), Map.of());
    }
    YamlNode where = entries == null ? null : entries.node("where");
    if (!(head.value() instanceof YamlMap map)) {
      problems.error(
          Codes.WRONG_KIND,
          head.value() == null ? head.key().location() : head.value().location(),
          "'" + head.key().value() + "' is a mapping of columns to values",
          "write for example {id: 1}");
      return null;
    }
    ColumnValues columns = new ColumnValues(table, problems);
    Map<Integer, @Nullable Object> values = columns.read(map);
    if (!finds(operation)) {
      return keyIsThere(head, map, table)
          ? new Step.RowWrite(head.key().location(), operation, table, Map.of(), values)
          : null;
    }
    if (where != null && !(where instanceof YamlMap)) {
      problems.error(
          Codes.WRONG_KIND,
          where.location(),
          "'where' is a mapping of columns to values",
          "write for example {id: 1}");
      return null;
    }
    if (where instanceof YamlMap condition) {
      return new Step.RowWrite(
          head.key().location(), operation, table, columns.read(condition), values);
    }
    if (operation == Operation.DELETE) {
      return new Step.RowWrite(head.key().location(), operation, table, values, Map.of());
    }
    return keyIsThere(head, map, table) ? byKey(head, table, values) : null;
  }

  private Step.@Nullable Write byKey(
      Head head, TableSchema table, Map<Integer, @Nullable Object> values) {
    if (table.primaryKey().isEmpty()) {
      problems.error(
          Codes.WHICH_ROW,
          head.key().location(),
          "table " + table.id() + " has no primary key to find the row by",
          "add 'where: {column: value}' to this step");
      return null;
    }
    Map<Integer, @Nullable Object> key = new LinkedHashMap<>();
    table.primaryKey().forEach(index -> key.put(index, values.get(index)));
    return new Step.RowWrite(head.key().location(), Operation.UPDATE, table, key, values);
  }

  /** Notes columns of the primary key that have no value. */
  private boolean keyIsThere(Head head, YamlMap map, TableSchema table) {
    List<String> missing =
        table.primaryKey().stream()
            .map(index -> table.column(index))
            .map(Column::name)
            .filter(name -> map.get(name) == null)
            .toList();
    if (!missing.isEmpty()) {
      problems.error(
          Codes.WHICH_ROW,
          head.key().location(),
          "the primary key of "
              + table.id()
              + " has no value here: "
              + String.join(", ", missing)
              + (missing.size() == 1 ? " is missing" : " are missing"),
          "give the whole key: defaults of the database are not known to tests");
    }
    return missing.isEmpty();
  }
}
