package io.rowbell.language;

import io.rowbell.language.expression.Evaluation;
import io.rowbell.language.expression.Template;
import io.rowbell.model.Column;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a rule's events before there are any.
 *
 * @param rule the rule's name
 * @param type the events' type; empty if it depends on the change
 * @param fields the names of the fields of their data; empty if those depend on the change, or if
 *     the data is no object
 */
public record EventShape(String rule, Optional<String> type, Optional<Set<String>> fields) {
  public EventShape {
    fields = fields.map(Set::copyOf);
  }

  static List<EventShape> of(RuleBinder.Bound bound) {
    CompiledRule rule = bound.rule();
    Optional<Set<String>> fields = fields(rule.making().payload(), bound.table());
    List<EventShape> shapes = new ArrayList<>();
    shapes.add(new EventShape(rule.name(), type(rule.making().type()), fields));
    Episodes episodes = rule.episodes();
    if (episodes != null && episodes.resolved() != null) {
      shapes.add(new EventShape(rule.name(), type(episodes.resolved()), fields));
    }
    return shapes;
  }

  private static Optional<String> type(Template template) {
    return template.constant() ? Optional.of(template.render(new Evaluation())) : Optional.empty();
  }

  private static Optional<Set<String>> fields(EventPayload payload, @Nullable TableSchema table) {
    if (payload instanceof EventPayload.Fields named) {
      return Optional.of(
          named.fields().stream().map(EventPayload.Field::name).collect(Collectors.toSet()));
    }
    return payload instanceof EventPayload.EntireRow && table != null
        ? Optional.of(table.columns().stream().map(Column::name).collect(Collectors.toSet()))
        : Optional.empty();
  }
}
