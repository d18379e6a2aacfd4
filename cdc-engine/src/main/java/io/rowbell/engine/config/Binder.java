package io.rowbell.engine.config;

import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.yaml.YamlList;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlReader;
import io.rowbell.language.yaml.YamlScalar;
import io.rowbell.spi.JournalFactory;
import io.rowbell.spi.SinkFactory;
import io.rowbell.spi.SourceFactory;
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
  private final ClassLoader classes;
  private final TreeMap<String, Location> places = new TreeMap<>();

  Binder(Values values, Overrides overrides, Problems problems, ClassLoader classes) {
    this.values = values;
    this.overrides = overrides;
    this.problems = problems;
    this.classes = classes;
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
  private void note(String key, Location place) {
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
      return Bound.of(target(target, around, map, misspelt));
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
      return choice(choice, slot);
    }
    throw new IllegalStateException("a target is bound with the record around it");
  }

  private @Nullable Object scalar(ScalarType<?> type, Slot slot) {
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

  private @Nullable Object choice(Shape.Choice shape, Slot slot) {
    note(slot.key(), slot.place());
    List<String> overridden =
        shape.adapters().keySet().stream()
            .filter(name -> overrides.anyBelow(slot.key() + "." + name))
            .toList();
    String name;
    YamlMap.Entry entry = null;
    if (slot.node() == null) {
      if (overridden.size() != 1) {
        problems.error(
            Codes.BAD_OVERRIDE,
            slot.place(),
            "the environment chooses more than one "
                + shape.kind()
                + ": "
                + String.join(", ", overridden),
            "keep the variables of one of them");
        return null;
      }
      name = overridden.get(0);
    } else {
      entry = only(shape, slot);
      if (entry == null) {
        return null;
      }
      name = entry.name();
    }
    Shape.Adapter adapter = shape.adapters().get(name);
    if (adapter == null) {
      throw new IllegalStateException("looked up before: " + name);
    }
    Slot below = slot.below(name, entry);
    Record settings = group(adapter.settings(), below);
    if (settings == null) {
      return null;
    }
    Section section = section(below.key());
    if (adapter.factory() instanceof SourceFactory<?> factory) {
      return source(factory, settings, section);
    }
    return journal((JournalFactory<?>) adapter.factory(), settings, section);
  }

  /** The one entry of a mapping that chooses an adapter. */
  private YamlMap.@Nullable Entry only(Shape.Choice shape, Slot slot) {
    String there = String.join(", ", shape.adapters().keySet());
    if (slot.node() instanceof YamlScalar scalar && shape.adapters().containsKey(scalar.value())) {
      problems.error(
          Codes.WRONG_TYPE,
          scalar.location(),
          "'" + slot.key() + "' must be a mapping, not text",
          "write {" + scalar.value() + ": {}}");
      return null;
    }
    YamlMap map =
        mapping(slot, "{" + shape.adapters().keySet().stream().findFirst().orElse("") + ": {}}");
    if (map == null) {
      return null;
    }
    boolean known = true;
    for (YamlMap.Entry entry : map.entries()) {
      if (!shape.adapters().containsKey(entry.name())) {
        known = false;
        problems.error(
            Codes.UNKNOWN_ADAPTER,
            entry.key().location(),
            "there is no " + shape.kind() + " '" + entry.name() + "'",
            Suggestions.didYouMean(entry.name(), shape.adapters().keySet())
                .orElse("there is " + there));
      }
    }
    if (!known) {
      return null;
    }
    if (map.entries().size() != 1) {
      problems.error(
          Codes.WRONG_VALUE,
          slot.place(),
          "'" + slot.key() + "' names " + (map.entries().isEmpty() ? "none" : "more than one"),
          "name one of " + there);
      return null;
    }
    return map.entries().get(0);
  }

  private SubscriberConfig.@Nullable Target target(
      Shape.Target shape, Slot around, @Nullable YamlMap map, Set<String> misspelt) {
    List<String> names = new ArrayList<>();
    names.add(Shape.Target.HANDLER);
    names.addAll(shape.sinks().keySet());
    List<YamlMap.Entry> given =
        map == null
            ? List.of()
            : map.entries().stream().filter(entry -> names.contains(entry.name())).toList();
    if (given.isEmpty() && names.stream().anyMatch(misspelt::contains)) {
      return null;
    }
    if (given.size() != 1) {
      problems.error(
          given.isEmpty() ? Codes.MISSING_KEY : Codes.WRONG_VALUE,
          given.isEmpty() ? around.place() : given.get(1).key().location(),
          given.isEmpty()
              ? "'" + around.key() + "' has nowhere to deliver to"
              : "'" + around.key() + "' has more than one place to deliver to",
          "name one of " + String.join(", ", names));
      return null;
    }
    YamlMap.Entry entry = given.get(0);
    Slot slot = around.below(entry.name(), entry);
    note(slot.key(), slot.place());
    Shape.Adapter sink = shape.sinks().get(entry.name());
    if (sink != null) {
      Record settings = group(sink.settings(), slot);
      return settings == null
          ? null
          : sink((SinkFactory<?>) sink.factory(), settings, section(slot.key()));
    }
    Object name = scalar(ScalarType.TEXT, slot);
    return name == null ? null : handler(name.toString(), slot);
  }

  private SubscriberConfig.@Nullable Target handler(String name, Slot slot) {
    Location place = slot.node() == null ? slot.place() : slot.node().location();
    try {
      Class<?> type = Class.forName(name, false, classes);
      return new SubscriberConfig.HandlerTarget(type, section(slot.key()));
    } catch (ClassNotFoundException e) {
      problems.error(
          Codes.NO_SUCH_CLASS,
          place,
          "there is no class '" + name + "'",
          "put its jar into the plugins directory or on the class path; a nested class is written"
              + " Outer$Inner");
    } catch (LinkageError e) {
      problems.error(
          Codes.NO_SUCH_CLASS, place, "the class '" + name + "' cannot be loaded", "it says: " + e);
    }
    return null;
  }

  private @Nullable YamlMap mapping(Slot slot, String none) {
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

  private static <S extends Record> SourceConfig<S> source(
      SourceFactory<S> factory, Record settings, Section section) {
    return new SourceConfig<>(factory, factory.settingsType().cast(settings), section);
  }

  private static <S extends Record> JournalConfig<S> journal(
      JournalFactory<S> factory, Record settings, Section section) {
    return new JournalConfig<>(factory, factory.settingsType().cast(settings), section);
  }

  private static <S extends Record> SubscriberConfig.SinkTarget<S> sink(
      SinkFactory<S> factory, Record settings, Section section) {
    return new SubscriberConfig.SinkTarget<>(
        factory, factory.settingsType().cast(settings), section);
  }
}
