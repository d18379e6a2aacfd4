package io.rowbell.language;

import io.rowbell.language.contract.Address;
import io.rowbell.language.contract.RuleOutput;
import io.rowbell.language.expression.Images;
import io.rowbell.language.expression.Shape;
import io.rowbell.language.expression.Template;
import io.rowbell.model.Operation;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What rules publish, as its readers see it: those in shadow publish nothing. */
final class RuleOutputs {
  private RuleOutputs() {}

  static List<RuleOutput> of(List<RuleBinder.Bound> rules) {
    List<RuleOutput> outputs = new ArrayList<>();
    for (RuleBinder.Bound rule : rules) {
      if (rule.rule().declaration().settings().isShadow()) {
        continue;
      }
      Episodes episodes = rule.rule().episodes();
      outputs.add(output(rule, rule.rule().making().type()));
      if (episodes != null && episodes.resolved() != null) {
        outputs.add(output(rule, episodes.resolved()));
      }
    }
    return outputs;
  }

  private static RuleOutput output(RuleBinder.Bound bound, Template type) {
    CompiledRule rule = bound.rule();
    Making making = rule.making();
    Images images = Images.of(bound.table(), rows(rule));
    return new RuleOutput(
        rule.name(),
        rule.declaration().name().at(0),
        rule.declaration().settings().description(),
        Address.of(type),
        making.version(),
        Address.of(making.topic()),
        key(rule, bound.table(), images),
        data(making.payload(), images),
        new RuleOutput.Origin(rule.source().attribute(), rule.source().place(), operations(rule)));
  }

  /** The operations whose rows an event is made of: a lasting state's is the row last seen. */
  private static Set<Operation> rows(CompiledRule rule) {
    return rule.episodes() == null
        ? rule.trigger().operations()
        : Set.of(Operation.INSERT, Operation.UPDATE);
  }

  /** What an event's {@code op} can be: a lasting state begins with a snapshot's row, too. */
  private static Set<Operation> operations(CompiledRule rule) {
    return rule.episodes() == null
        ? rule.trigger().operations()
        : Set.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.SNAPSHOT);
  }

  private static RuleOutput.Key key(CompiledRule rule, @Nullable TableSchema table, Images images) {
    EventKey key = rule.making().key();
    if (key instanceof EventKey.Chosen chosen) {
      String text = Objects.requireNonNull(rule.declaration().output().key()).value().strip();
      return new RuleOutput.Key(text, chosen.expression().shape(images), false);
    }
    if (!(key instanceof EventKey.Primary primary) || table == null) {
      return new RuleOutput.Key("", null, true);
    }
    String names =
        primary.columns().stream()
            .map(column -> table.column(column).name())
            .collect(Collectors.joining(", "));
    boolean single = primary.columns().size() == 1;
    boolean truncate = rows(rule).contains(Operation.TRUNCATE);
    Shape shape = single ? images.row().get(table.column(primary.columns().get(0)).name()) : null;
    return new RuleOutput.Key(names, shape == null ? null : shape.key(truncate), truncate);
  }

  private static RuleOutput.Data data(EventPayload payload, Images images) {
    if (payload instanceof EventPayload.Whole whole) {
      return new RuleOutput.Data.Value(whole.expression().shape(images));
    }
    if (payload instanceof EventPayload.Fields named) {
      Map<String, Shape> fields = new LinkedHashMap<>();
      named.fields().forEach(f -> fields.put(f.name(), f.expression().shape(images)));
      return new RuleOutput.Data.Fields(fields);
    }
    return new RuleOutput.Data.Fields(images.row());
  }
}
