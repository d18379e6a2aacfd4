package io.rowbell.language.testing;

import io.rowbell.language.Entries;
import io.rowbell.language.EventShape;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.yaml.YamlList;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlScalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads {@code expect} and {@code fails}, and notes what no rule can make. */
final class ExpectationReader {
  private static final List<String> KEYS = List.of("expect", "fails");
  private static final String FAILS = "write for example {StockRatio: X404}";

  private final List<EventShape> shapes;
  private final Problems problems;

  ExpectationReader(List<EventShape> shapes, Problems problems) {
    this.shapes = shapes;
    this.problems = problems;
  }

  /**
   * @return null if it cannot be read: an issue is noted
   */
  @Nullable Expectation read(YamlMap step) {
    Entries entries = new Entries(step, problems).allow(KEYS);
    YamlNode expected = entries.node("expect");
    YamlNode fails = entries.node("fails");
    List<Expectation.Event> events = new ArrayList<>();
    List<Expectation.Failure> failures = new ArrayList<>();
    boolean eventsRead = expected == null || events(expected, events);
    boolean failuresRead = fails == null || failures(fails, failures);
    return eventsRead && failuresRead
        ? new Expectation(!(expected instanceof YamlMap), events, failures)
        : null;
  }

  private boolean events(YamlNode node, List<Expectation.Event> events) {
    if (node instanceof YamlScalar scalar && !Plain.isNull(scalar)) {
      return scalar.value().equals("none") || event(scalar, null, events);
    }
    if (node instanceof YamlMap map && !map.entries().isEmpty()) {
      return each(map, events);
    }
    if (node instanceof YamlList list) {
      boolean read = true;
      for (YamlNode item : list.items()) {
        if (item instanceof YamlScalar scalar && !Plain.isNull(scalar)) {
          read &= event(scalar, null, events);
        } else if (item instanceof YamlMap map && map.entries().size() == 1) {
          read &= each(map, events);
        } else {
          read =
              wrongKind(
                  item,
                  "each item of 'expect' is one event",
                  "write for example {OrderPaid: {id: 1}}");
        }
      }
      return read;
    }
    return wrongKind(
        node,
        "'expect' is 'none', an event, or a mapping or a list of events",
        "write for example {OrderPaid: {id: 1}}");
  }

  private boolean each(YamlMap map, List<Expectation.Event> events) {
    boolean read = true;
    for (YamlMap.Entry entry : map.entries()) {
      read &= event(entry.key(), entry.value(), events);
    }
    return read;
  }

  private boolean wrongKind(YamlNode node, String message, String help) {
    if (!Entries.broken(node)) {
      problems.error(Codes.WRONG_KIND, node.location(), message, help);
    }
    return false;
  }

  private boolean event(YamlScalar name, @Nullable YamlNode data, List<Expectation.Event> events) {
    if (Entries.broken(name) || (data != null && Entries.broken(data))) {
      return false;
    }
    List<EventShape> candidates =
        shapes.stream()
            .filter(shape -> shape.type().map(name.value()::equals).orElse(true))
            .toList();
    if (candidates.isEmpty()) {
      Set<String> types = new TreeSet<>();
      shapes.forEach(shape -> shape.type().ifPresent(types::add));
      return cannotCome(
          name, "no rule makes an event '" + name.value() + "'", "the events are ", types);
    }
    boolean any = data == null || (data instanceof YamlScalar scalar && scalar.isEmpty());
    if (data instanceof YamlMap map && !fieldsAreThere(name.value(), map, candidates)) {
      return false;
    }
    Object plain = data == null ? null : Plain.of(data);
    events.add(new Expectation.Event(name.location(), name.value(), plain, any));
    return true;
  }

  private boolean fieldsAreThere(String type, YamlMap data, List<EventShape> candidates) {
    if (candidates.stream().anyMatch(shape -> shape.fields().isEmpty())) {
      return true;
    }
    Set<String> fields = new TreeSet<>();
    candidates.stream().map(EventShape::fields).flatMap(Optional::stream).forEach(fields::addAll);
    boolean all = true;
    for (YamlMap.Entry entry : data.entries()) {
      if (!fields.contains(entry.name())) {
        all =
            cannotCome(
                entry.key(),
                type + " has no field '" + entry.name() + "'",
                "its fields are ",
                fields);
      }
    }
    return all;
  }

  private boolean cannotCome(
      YamlScalar name, String message, String listed, Set<String> candidates) {
    problems.error(
        Codes.CANNOT_COME,
        name.location(),
        message,
        Suggestions.didYouMean(name.value(), candidates)
            .orElse(
                candidates.isEmpty()
                    ? "expect 'none', or write the rule that makes it"
                    : listed + String.join(", ", candidates)));
    return false;
  }

  private boolean failures(YamlNode node, List<Expectation.Failure> failures) {
    if (node instanceof YamlScalar scalar && !Plain.isNull(scalar)) {
      return failure(scalar, null, failures);
    }
    if (node instanceof YamlMap map) {
      boolean read = true;
      for (YamlMap.Entry entry : map.entries()) {
        read &=
            entry.value() instanceof YamlScalar code
                ? failure(entry.key(), code, failures)
                : wrongKind(entry.value(), "a failure's code is text", "write for example X404");
      }
      return read;
    }
    if (node instanceof YamlList list) {
      boolean read = true;
      for (YamlNode item : list.items()) {
        read &=
            item instanceof YamlList
                ? wrongKind(item, "each item of 'fails' is a rule's name", FAILS)
                : failures(item, failures);
      }
      return read;
    }
    return wrongKind(node, "'fails' names rules", FAILS);
  }

  private boolean failure(
      YamlScalar rule, @Nullable YamlScalar code, List<Expectation.Failure> failures) {
    if (Entries.broken(rule) || (code != null && Entries.broken(code))) {
      return false;
    }
    Set<String> rules = new TreeSet<>();
    shapes.forEach(shape -> rules.add(shape.rule()));
    if (!rules.contains(rule.value())) {
      return cannotCome(rule, "there is no rule '" + rule.value() + "'", "the rules are ", rules);
    }
    failures.add(
        new Expectation.Failure(
            rule.location(), rule.value(), code == null || code.isEmpty() ? null : code.value()));
    return true;
  }
}
