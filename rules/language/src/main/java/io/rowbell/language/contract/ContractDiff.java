package io.rowbell.language.contract;

import io.rowbell.language.contract.Contract.Event;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What changes for consumers between two contracts. A breaking change of an event is one under the
 * same version: under a higher one it is announced.
 */
public final class ContractDiff {
  private ContractDiff() {}

  /**
   * A difference.
   *
   * @param breaking whether it breaks consumers unannounced: E302
   * @param event the event's name
   * @param version the version that is, or was, promised
   * @param field the field of its data, or empty
   * @param what a sentence without the event and without a full stop
   * @param help the next step; null for what breaks nobody
   */
  public record Difference(
      boolean breaking,
      String event,
      int version,
      String field,
      String what,
      @Nullable String help) {
    /** The same, agreed to. */
    public Difference accepted() {
      return new Difference(false, event, version, field, what, null);
    }

    /** {@code OrderPlaced version 2: 'total' is removed}. */
    public String sentence() {
      return event
          + " version "
          + version
          + ": "
          + (field.isEmpty() ? "" : "'" + field + "' ")
          + what;
    }
  }

  /** Every difference: by event, what breaks first. */
  public static List<Difference> between(Contract older, Contract newer) {
    List<Difference> differences = new ArrayList<>();
    for (Event event : older.events()) {
      Optional<Event> same = find(newer, event.type().text(), event.version());
      if (same.isPresent()) {
        compare(event, same.get(), differences);
      } else {
        gone(event, newer, differences);
      }
    }
    for (Event event : newer.events()) {
      if (find(older, event.type().text(), event.version()).isEmpty()) {
        differences.add(new Difference(false, event.name(), event.version(), "", "is new", null));
      }
    }
    differences.sort(
        Comparator.comparing(Difference::event)
            .thenComparing(Difference::version)
            .thenComparing(difference -> !difference.breaking()));
    return differences;
  }

  private static Optional<Event> find(Contract contract, String type, int version) {
    return contract.events().stream()
        .filter(event -> event.type().text().equals(type) && event.version() == version)
        .findFirst();
  }

  private static void gone(Event event, Contract newer, List<Difference> differences) {
    boolean raised =
        newer.events().stream()
            .anyMatch(
                other ->
                    other.type().text().equals(event.type().text())
                        && other.version() > event.version());
    differences.add(
        raised
            ? new Difference(
                false, event.name(), event.version(), "", "gave way to a higher version", null)
            : new Difference(
                true,
                event.name(),
                event.version(),
                "",
                "is not made any more",
                "keep a rule that makes it; if nobody reads it, say --accept " + event.name()));
  }

  private static void compare(Event older, Event newer, List<Difference> differences) {
    List<SchemaDiff.Break> breaks = SchemaDiff.breaks(older.data(), newer.data());
    for (SchemaDiff.Break found : breaks) {
      String help = found.what().equals("is removed") ? "keep the field" : "keep it as it was";
      differences.add(breaking(older, found.path(), subject(found), help));
    }
    added(older, newer, differences);
    if (!older.key().equals(newer.key())) {
      String what = "has the key " + quoted(newer.key()) + ", and had " + quoted(older.key());
      differences.add(breaking(older, "", what, "keep the key"));
    } else {
      for (SchemaDiff.Break found : SchemaDiff.breaks(older.keySchema(), newer.keySchema())) {
        differences.add(breaking(older, "", "has a key that " + found.what(), "keep the key"));
      }
    }
    topics(older, newer, differences);
  }

  private static String subject(SchemaDiff.Break found) {
    return found.path().isEmpty() ? "has data that " + found.what() : found.what();
  }

  private static String quoted(String key) {
    return key.isEmpty() ? "no key" : "'" + key + "'";
  }

  private static Difference breaking(Event event, String field, String what, String otherwise) {
    return new Difference(
        true,
        event.name(),
        event.version(),
        field,
        what,
        "raise version to " + (event.version() + 1) + ", or " + otherwise);
  }

  private static void added(Event older, Event newer, List<Difference> differences) {
    Map<String, @Nullable Object> fields =
        new LinkedHashMap<>(JsonTree.object(newer.data().get("properties")));
    fields.keySet().removeAll(JsonTree.object(older.data().get("properties")).keySet());
    for (String field : fields.keySet()) {
      differences.add(
          new Difference(false, older.name(), older.version(), field, "is added", null));
    }
  }

  private static void topics(Event older, Event newer, List<Difference> differences) {
    Set<String> before = texts(older);
    Set<String> after = texts(newer);
    for (String topic : before) {
      if (!after.contains(topic)) {
        String what = "does not go to topic " + topic + " any more";
        differences.add(breaking(older, "", what, "keep the topic"));
      }
    }
    after.removeAll(before);
    for (String topic : after) {
      differences.add(
          new Difference(false, older.name(), older.version(), "", "goes to topic " + topic, null));
    }
  }

  private static Set<String> texts(Event event) {
    Set<String> texts = new TreeSet<>();
    event.topics().forEach(topic -> texts.add(topic.text()));
    return texts;
  }
}
