package io.rowbell.engine.config;

import io.rowbell.engine.config.Binder.Slot;
import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlScalar;
import io.rowbell.spi.JournalFactory;
import io.rowbell.spi.SinkFactory;
import io.rowbell.spi.SourceFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Binds the sections that choose an adapter: a source, a journal, or where a subscriber delivers
 * to.
 */
final class AdapterBinder {
  private final Binder binder;
  private final Overrides overrides;
  private final Problems problems;
  private final ClassLoader classes;

  /**
   * @param binder binds the settings of what is chosen
   * @param classes has the classes of handlers
   */
  AdapterBinder(Binder binder, Overrides overrides, Problems problems, ClassLoader classes) {
    this.binder = binder;
    this.overrides = overrides;
    this.problems = problems;
    this.classes = classes;
  }

  /** The source or the journal that a section chooses, with its settings; null if it names none. */
  @Nullable Object choice(Shape.Choice shape, Slot slot) {
    binder.note(slot.key(), slot.place());
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
    Record settings = binder.group(adapter.settings(), below);
    if (settings == null) {
      return null;
    }
    Section section = binder.section(below.key());
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
        binder.mapping(
            slot, "{" + shape.adapters().keySet().stream().findFirst().orElse("") + ": {}}");
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

  /**
   * Where a subscriber delivers to; null if it does not say so rightly.
   *
   * @param misspelt keys that unknown ones were likely meant for
   */
  SubscriberConfig.@Nullable Target target(
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
    binder.note(slot.key(), slot.place());
    Shape.Adapter sink = shape.sinks().get(entry.name());
    if (sink != null) {
      Record settings = binder.group(sink.settings(), slot);
      return settings == null
          ? null
          : sink((SinkFactory<?>) sink.factory(), settings, binder.section(slot.key()));
    }
    Object name = binder.scalar(ScalarType.TEXT, slot);
    return name == null ? null : handler(name.toString(), slot);
  }

  private SubscriberConfig.@Nullable Target handler(String name, Slot slot) {
    Location place = slot.node() == null ? slot.place() : slot.node().location();
    try {
      Class<?> type = Class.forName(name, false, classes);
      return new SubscriberConfig.HandlerTarget(type, binder.section(slot.key()));
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
