package io.rowbell.language.contract;

import io.rowbell.language.expression.Shape;
import io.rowbell.language.issue.Location;
import io.rowbell.model.Operation;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One of the events that a rule makes.
 *
 * @param rule the rule's name
 * @param at where its file declares it
 * @param description what the rule's file says of it, or null
 * @param type CloudEvents {@code type}
 * @param version the version that the rule gives it
 * @param topic where it goes
 * @param key what orders it
 * @param data the payload
 * @param origin where it comes from
 */
public record RuleOutput(
    String rule,
    Location at,
    @Nullable String description,
    Address type,
    int version,
    Address topic,
    Key key,
    Data data,
    Origin origin) {
  public RuleOutput {
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(origin, "origin");
  }

  /**
   * What orders the events of a rule.
   *
   * @param text an expression, or the names of the primary key's columns; empty for no key
   * @param shape the value of which the key is the text; null for a list of values, or no key
   * @param absent whether an event can be without the list, as that of a truncate is
   */
  public record Key(String text, @Nullable Shape shape, boolean absent) {}

  /** A payload. */
  public sealed interface Data {
    /** An object; a field that is omittable may be left out. */
    record Fields(Map<String, Shape> fields) implements Data {
      public Fields {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
      }
    }

    /** One value. */
    record Value(Shape shape) implements Data {}
  }

  /**
   * Where events come from.
   *
   * @param attribute the extension attribute that says it: {@code table} or {@code prefix}
   * @param place its value
   * @param operations what {@code op} can say
   */
  public record Origin(String attribute, String place, Set<Operation> operations) {
    public Origin {
      operations = Collections.unmodifiableSet(new TreeSet<>(operations));
    }
  }
}
