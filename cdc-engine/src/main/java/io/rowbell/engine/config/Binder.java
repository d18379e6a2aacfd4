package io.rowbell.engine.config;

import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.yaml.YamlList;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlReader;
import io.rowbell.language.yaml.YamlScalar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Binds YAML to records, following their {@link Shape}. Whatever is wrong is noted, with its place;
 * what could not be bound is null, and so is every record around it.
 *
 * <p>A value is looked for in the environment's overrides, then in the file, then in the record's
 * default.
 */
final class Binder {
  private final Values values;
  private final Overrides overrides;
  private final Problems problems;
  private final AdapterBinder adapters;
  private final TreeMap<String, Location> places = new TreeMap<>();

  Binder(Values values, Overrides overrides, Problems problems, ClassLoader classes) {
    this.values = values;
    this.overrides = overrides;
    this.problems = problems;
    this.adapters = new AdapterBinder(this, overrides, problems, classes);
  }

  /**
   * The record that has nothing but defaults.
   *
   * @throws IllegalStateException if a component has none, or one that does not fit: a mistake of
   *     the record's author
   */
  static <S extends Record> S defaults(Class<S> type) {
    Problems problems = new Problems();
    Shape.Group shape = Shape.of(type, Adapters.NONE);
    Values values = new Values(new References(Map.of(), Path.of(""), problems), problems);
    Binder binder =
        new Binder(values, new Overrides(Map.of(), shape), problems, type.getClassLoader());
    Location nowhere = new Location(type.getSimpleName(), 1, 1, "");
    Object bound = binder.group(shape, new Slot("", null, nowhere));
    if (bound == null) {
      throw new IllegalStateException(new ConfigException(problems.issues()).getMessage());
    }
    return type.cast(bound);
  }

  /**
   * A place where a value is wanted.
   *
   * @param key as it stands in YAML, dots between levels
   * @param node what was written there; null if nothing
   * @param place what messages point at: the key if it was written, else what is around it
   */
  record Slot(String key, @Nullable YamlNode node, Location place) {
    Slot below(String name, YamlMap.@Nullable Entry entry) {
      String path = key.isEmpty() ? name : key + "." + name;
      return entry == null
          ? new Slot(path, null, place)
          : new Slot(path, entry.value(), entry.key().location());
    }
  }

  /** A record's defaults stand in no file: what points at them points at what is around them. */
  void note(String key, Location place) {
    if (!values.isDefaulted()) {
      places.put(key, place);
    }
  }

  /** Where a key was written, or what overrides it; for a default, what is around it. */
  Location place(String key) {
    String nearest = key;
    while (!places.containsKey(nearest) && !nearest.isEmpty()) {
      nearest = nearest.substring(0, Math.max(0, nearest.lastIndexOf('.')));
    }
    Location place = places.get(nearest);
    if (place == null) {
      throw new IllegalStateException("nothing has been bound");
    }
    return place;
  }

  /** The places of a key and all below it. */
  Section section(String key) {
    Map<String, Location> below = new TreeMap<>();
    below.put("", place(key));
    places
        .subMap(key + ".", key + "/")
        .forEach((path, place) -> below.put(path.substring(key.length() + 1), place));
    return new Section(key, below);
  }

  /** Binds a record. */
  @Nullable Record group(Shape.Group shape, Slot slot) {
    note(slot.key(), slot.place());
    YamlMap map = null;
    Set<String> misspelt = Set.of();
    if (slot.node() != null) {
      map = mapping(slot, "{}");
      if (map == null) {
        return null;
      }
      misspelt = refuseUnknown(map, shape.keys());
    }
    Object[] components = new Object[shape.fields().size()];
    boolean complete = true;
    for (int i = 0; i < components.length; i++) {
      Shape.Field field = shape.fields().get(i);
      Bound bound = field(field, slot, map, misspelt);
      components[i] = bound.value();
      complete &= bound.complete();
    }
    return complete ? construct(shape, components, slot) : null;
  }

  /**
   * What became of a component.
   *
   * @param complete whether the record can be made
   */
  private record Bound(@Nullable Object value, boolean complete) {
    static final Bound BROKEN = new Bound(null, false);

    static Bound of(@Nullable Object value) {
      return value == null ? BROKEN : new Bound(value, true);
    }
  }

  private Bound field(Shape.Field field, Slot around, @Nullable YamlMap map, Set<String> misspelt) {
    if (field.shape() instanceof Shape.Target target) {
      return Bound.of(adapters.target(target, around, map, misspelt));
    }
    Slot slot = around.below(field.key(), map == null ? null : map.get(field.key()));
    boolean secret =
        field.shape() instanceof Shape.Scalar scalar
            && scalar.type().kind() == ScalarType.Kind.SECRET;
    Overrides.OverrideText override =
        Overrides.isSingle(field.shape()) ? overrides.take(slot.key(), secret) : null;
    if (override != null) {
      note(slot.key(), override.at(0));
      return Bound.of(overridden(field.shape(), slot.key(), override));
    }
    if (slot.node() == null && !overrides.anyBelow(slot.key())) {
      // What is under the misspelt key is not known: neither that it is missing nor its default.
      return misspelt.contains(field.key()) ? Bound.BROKEN : absent(field, slot, around);
    }
    if (slot.node() != null) {
      note(slot.key(), slot.place());
    }
    return Bound.of(value(field.shape(), slot));
  }

  private Bound absent(Shape.Field field, Slot slot, Slot around) {
    String byDefault = field.byDefault();
    if (byDefault == null && field.nullable()) {
      values.unset(slot.key());
      return new Bound(null, true);
    }
    if (byDefault == null && field.shape() instanceof Shape.Group group) {
      return Bound.of(group(group, slot));
    }
    if (byDefault == null) {
      problems.error(
          Codes.MISSING_KEY,
          slot.place(),
          around.key().isEmpty()
              ? "'" + field.key() + "' is missing"
              : "'" + around.key() + "' has no '" + field.key() + "'",
          "add '" + field.key() + ": " + placeholder(field.shape()) + "': " + field.description());
      return Bound.BROKEN;
    }
    return Bound.of(
        values.defaulted(
            () ->
                field.shape() instanceof Shape.Scalar scalar
                    ? values.read(
                        scalar.type(), slot.key(), Values.Written.byDefault(slot, byDefault))
                    : value(
                        field.shape(),
                        new Slot(slot.key(), yaml(slot.key(), byDefault), slot.place()))));
  }

  private static String placeholder(Shape shape) {
    return shape instanceof Shape.Scalar
        ? "..."
        : shape instanceof Shape.Sequence ? "[...]" : "{...}";
  }

  private YamlNode yaml(String key, String byDefault) {
    YamlNode node = YamlReader.read("default of " + key, byDefault, problems);
    if (node == null) {
      throw new IllegalStateException("the default of " + key + " is no YAML: " + byDefault);
    }
    return node;
  }

  private @Nullable Object value(Shape shape, Slot slot) {
    // No pattern switch in Java 17.
    if (shape instanceof Shape.Scalar scalar) {
      return scalar(scalar.type(), slot);
    }
    if (shape instanceof Shape.Sequence sequence) {
      return sequence(sequence, slot);
    }
    if (shape instanceof Shape.Texts) {
      return texts(slot);
    }
    if (shape instanceof Shape.Group group) {
      return group(group, slot);
    }
    if (shape instanceof Shape.Choice choice) {
      return adapters.choice(choice, slot);
    }
    throw new IllegalStateException("a target is bound with the record around it");
  }

  @Nullable Object scalar(ScalarType<?> type, Slot slot) {
    if (!(slot.node() instanceof YamlScalar scalar)) {
      wrongKind(slot, type.expected());
      return null;
    }
    if (scalar.isBroken()) {
      return null;
    }
    if (scalar.isEmpty()) {
      wrongKind(slot, type.expected());
      return null;
    }
    return values.read(type, slot.key(), Values.Written.inFile(slot, scalar));
  }

  private @Nullable Object overridden(Shape shape, String key, Overrides.OverrideText override) {
    if (shape instanceof Shape.Scalar scalar) {
      return values.read(scalar.type(), key, Values.Written.override(override));
    }
    Shape.Sequence list = (Shape.Sequence) shape;
    ScalarType<?> type = ((Shape.Scalar) list.item()).type();
    List<Object> items = new ArrayList<>();
    boolean complete = true;
    int i = 0;
    for (String item : override.value().split(",", -1)) {
      String path = key + "[" + i++ + "]";
      Object value =
          values.read(
              type,
              path,
              Values.Written.override(
                  new Overrides.OverrideText(override.name(), item.strip(), override.secret())));
      complete &= value != null;
      if (value != null) {
        items.add(value);
      }
    }
    return complete ? collection(list, items) : null;
  }

  private @Nullable Object sequence(Shape.Sequence shape, Slot slot) {
    if (!(slot.node() instanceof YamlList list)) {
      wrongKind(slot, "a list", asList(shape.item(), slot.node()));
      return null;
    }
    List<Object> items = new ArrayList<>();
    boolean complete = true;
    for (int i = 0; i < list.items().size(); i++) {
      YamlNode node = list.items().get(i);
      Slot item = new Slot(slot.key() + "[" + i + "]", node, node.location());
      note(item.key(), item.place());
      Object value = value(shape.item(), item);
      complete &= value != null;
      if (value == null) {
        continue;
      }
      if (shape.distinct() && items.contains(value)) {
        problems.error(
            Codes.WRONG_VALUE, item.place(), "'" + value + "' stands here twice", "remove one");
        complete = false;
      }
      items.add(value);
    }
    if (items.isEmpty() && complete) {
      values.empty(slot, "[]");
    }
    return complete ? collection(shape, items) : null;
  }

  /** How a single item is written as a list; null if it is none. */
  private static @Nullable String asList(Shape item, @Nullable YamlNode node) {
    if (!(node instanceof YamlScalar scalar)
        || !(item instanceof Shape.Scalar wanted)
        || wanted.type().kind() == ScalarType.Kind.SECRET) {
      return null;
    }
    String value = scalar.value();
    boolean plain = value.matches("[\\w./][\\w./*-]*");
    return "write [" + (plain ? value : "'" + value.replace("'", "''") + "'") + "]";
  }

  private static Object collection(Shape.Sequence shape, List<Object> items) {
    return shape.distinct() ? new LinkedHashSet<>(items) : List.copyOf(items);
  }

  private @Nullable Object texts(Slot slot) {
    YamlMap map = mapping(slot, "{}");
    if (map == null) {
      return null;
    }
    Map<String, String> texts = new LinkedHashMap<>();
    boolean complete = true;
    for (YamlMap.Entry entry : map.entries()) {
      Slot below = slot.below(entry.name(), entry);
      note(below.key(), below.place());
      ScalarType<?> type = Values.ofEntry(entry.name());
      Object value = scalar(type, below);
      complete &= value != null;
      if (value != null) {
        texts.put(
            entry.name(),
            value instanceof io.rowbell.spi.Secret secret ? secret.reveal() : value.toString());
      }
    }
    if (map.entries().isEmpty()) {
      values.empty(slot, "{}");
    }
    return complete ? texts : null;
  }

  @Nullable YamlMap mapping(Slot slot, String none) {
    if (slot.node() instanceof YamlMap map) {
      return map;
    }
    YamlNode node = slot.node();
    if (node instanceof YamlScalar scalar && scalar.isEmpty()) {
      problems.error(
          Codes.WRONG_TYPE, slot.place(), "'" + slot.key() + "' has no value", "write " + none);
    } else {
      wrongKind(slot, "a mapping");
    }
    return null;
  }

  private void wrongKind(Slot slot, String expected) {
    wrongKind(slot, expected, null);
  }

  private void wrongKind(Slot slot, String expected, @Nullable String help) {
    YamlNode node = slot.node();
    if (node instanceof YamlScalar scalar) {
      if (scalar.isEmpty()) {
        problems.error(
            Codes.WRONG_TYPE,
            slot.place(),
            "'" + slot.key() + "' has no value",
            "it must be " + expected);
        return;
      }
      if (scalar.isBroken()) {
        return;
      }
    }
    problems.error(
        Codes.WRONG_TYPE,
        node == null ? slot.place() : node.location(),
        slot.key().isEmpty()
            ? "the file must be " + expected + ", not " + (node == null ? "nothing" : node.kind())
            : "'"
                + slot.key()
                + "' must be "
                + expected
                + ", not "
                + (node == null ? "nothing" : node.kind()),
        help);
  }

  /** Notes unknown keys; gives the known ones that are suggested for them. */
  private Set<String> refuseUnknown(YamlMap map, List<String> known) {
    Set<String> suggested = new HashSet<>();
    for (YamlMap.Entry entry : map.entries()) {
      if (!known.contains(entry.name())) {
        problems.error(
            Codes.UNKNOWN_KEY,
            entry.key().location(),
            "unknown key '" + entry.name() + "'",
            Suggestions.didYouMean(entry.name(), known)
                .orElse("the keys here are " + String.join(", ", known)));
        Suggestions.closest(entry.name(), known).ifPresent(suggested::add);
      }
    }
    return suggested;
  }

  private @Nullable Record construct(Shape.Group shape, Object[] components, Slot slot) {
    return Records.construct(
        shape.type(),
        components,
        refused -> {
          String key = slot.key().isEmpty() ? refused.key() : slot.key() + "." + refused.key();
          problems.error(
              Codes.REFUSED,
              place(key),
              (refused.key().isEmpty() ? "" : "'" + key + "': ") + refused.getMessage(),
              null);
        });
  }
}
