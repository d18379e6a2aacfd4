package io.rowbell.language.contract;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The events that rules make.
 *
 * @param events each type and version once, in the order of their names
 */
public record Contract(List<Event> events) {
  public Contract {
    events = List.copyOf(events);
  }

  /**
   * An event of one type and version.
   *
   * @param name its type; where rows decide that, the rule's name
   * @param type CloudEvents {@code type}
   * @param version of its contract
   * @param description for its readers, or null
   * @param topics where it goes
   * @param key what it is ordered by: an expression, or columns; empty for nothing
   * @param keySchema the JSON Schema of that
   * @param data the JSON Schema of its payload
   * @param attributes what its extension attributes can be: each has one or more values
   */
  public record Event(
      String name,
      Address type,
      int version,
      @Nullable String description,
      List<Address> topics,
      String key,
      Map<String, @Nullable Object> keySchema,
      Map<String, @Nullable Object> data,
      Map<String, Set<String>> attributes) {
    public Event {
      topics = List.copyOf(topics);
      keySchema = Collections.unmodifiableMap(new LinkedHashMap<>(keySchema));
      data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
      attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    }

    /** {@code StockPriceMoved.v2}: what files and components are called, see {@link #byId}. */
    public String id() {
      return id("");
    }

    private String id(String suffix) {
      return name.replaceAll("[^A-Za-z0-9_.-]", "_") + suffix + ".v" + version;
    }
  }

  /**
   * The events in their order, by what files and components are called. Where two would be called
   * the same, or a file system without capitals would take them for the same, the second is {@code
   * StockPriceMoved-2.v2}.
   */
  public Map<String, Event> byId() {
    Map<String, Event> events = new LinkedHashMap<>();
    Set<String> taken = new HashSet<>();
    for (Event event : this.events) {
      String id = event.id();
      for (int i = 2; !taken.add(id.toLowerCase(Locale.ROOT)); i++) {
        id = event.id("-" + i);
      }
      events.put(id, event);
    }
    return events;
  }

  /**
   * Puts together what rules make. Rules that make one event with different data make it a choice
   * of these, which is noted as a warning (W301).
   */
  public static Contract of(List<RuleOutput> outputs, Problems problems) {
    Map<String, List<RuleOutput>> events = new TreeMap<>();
    for (RuleOutput output : outputs) {
      events
          .computeIfAbsent(
              output.type().text() + "\0" + String.format("%09d", output.version()),
              id -> new ArrayList<>())
          .add(output);
    }
    return new Contract(events.values().stream().map(same -> event(same, problems)).toList());
  }

  /** The same, where nobody asks for what is doubtful. */
  public static Contract of(List<RuleOutput> outputs) {
    return of(outputs, new Problems());
  }

  private static Event event(List<RuleOutput> outputs, Problems problems) {
    RuleOutput first = outputs.get(0);
    Map<String, @Nullable Object> key = keySchema(first);
    Map<String, @Nullable Object> data = JsonSchema.of(first.data());
    Set<String> keys = new TreeSet<>();
    Map<String, Address> topics = new TreeMap<>();
    Map<String, Set<String>> attributes = new TreeMap<>();
    String description = null;
    for (RuleOutput output : outputs) {
      Map<String, @Nullable Object> other = JsonSchema.of(output.data());
      if (!other.equals(JsonSchema.of(first.data()))) {
        differing(first, output, problems);
      }
      key = JsonSchema.or(key, keySchema(output));
      data = JsonSchema.or(data, other);
      keys.add(output.key().text());
      topics.put(output.topic().text(), output.topic());
      description = joined(description, output.description());
      add(attributes, "rule", output.rule());
      add(attributes, output.origin().attribute(), output.origin().place());
      output.origin().operations().forEach(op -> add(attributes, "op", op.word()));
    }
    return new Event(
        first.type().isConstant() ? first.type().text() : first.rule(),
        first.type(),
        first.version(),
        description,
        List.copyOf(topics.values()),
        String.join(" | ", keys),
        key,
        data,
        attributes);
  }

  private static void add(Map<String, Set<String>> attributes, String name, String value) {
    attributes.computeIfAbsent(name, n -> new TreeSet<>()).add(value);
  }

  private static @Nullable String joined(@Nullable String one, @Nullable String other) {
    if (one == null || other == null || one.equals(other)) {
      return one == null ? other : one;
    }
    return one + "\n" + other;
  }

  private static Map<String, @Nullable Object> keySchema(RuleOutput output) {
    if (output.key().shape() != null) {
      return JsonSchema.ofText(output.key().shape());
    }
    Map<String, @Nullable Object> schema = new LinkedHashMap<>();
    boolean none = output.key().text().isEmpty();
    schema.put(
        "type",
        none ? "null" : output.key().absent() ? List.of("string", "null") : (Object) "string");
    return schema;
  }

  private static void differing(RuleOutput first, RuleOutput second, Problems problems) {
    problems.warning(
        Codes.DIFFERENT_DATA,
        second.at(),
        "'"
            + second.type().text()
            + "' version "
            + second.version()
            + " is also made by rule '"
            + first.rule()
            + "', with other data: its readers get the one or the other",
        "give both the same fields, or one of them a type or a version of its own");
  }
}
