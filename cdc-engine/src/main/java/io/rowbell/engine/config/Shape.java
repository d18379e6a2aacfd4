package io.rowbell.engine.config;

import io.rowbell.spi.AdapterFactory;
import io.rowbell.spi.Setting;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a setting looks like in YAML, read from the records: the binder, the overrides, the JSON
 * Schema and the reference all follow it.
 */
sealed interface Shape {
  /** One value. */
  record Scalar(ScalarType<?> type) implements Shape {}

  /** A list, or a set: then each item once. */
  record Sequence(Shape item, boolean distinct) implements Shape {}

  /** Names of the user's own to texts. */
  record Texts() implements Shape {}

  /** A record. */
  record Group(Class<? extends Record> type, List<Field> fields) implements Shape {
    /** The keys that may stand in it, those of an inlined choice included. */
    List<String> keys() {
      List<String> keys = new ArrayList<>();
      for (Field field : fields) {
        if (field.shape() instanceof Target target) {
          keys.add(Target.HANDLER);
          keys.addAll(target.sinks().keySet());
        } else {
          keys.add(field.key());
        }
      }
      return keys;
    }
  }

  /** One of several adapters: a mapping with one key, its name. */
  record Choice(String kind, Map<String, Adapter> adapters) implements Shape {}

  /** A handler class or one of several sinks, as a key of the mapping around it. */
  record Target(Map<String, Adapter> sinks) implements Shape {
    static final String HANDLER = "handler";
    static final String HANDLER_DESCRIPTION =
        "A class of your own that is given the events, by its full name.";
  }

  /** An adapter and the shape of its settings. */
  record Adapter(AdapterFactory<?> factory, Group settings) {
    static Adapter of(AdapterFactory<?> factory) {
      return new Adapter(factory, Shape.of(factory.settingsType(), Adapters.NONE));
    }
  }

  /**
   * A component of a record.
   *
   * @param key as it stands in YAML
   * @param byDefault as it would stand in YAML; null if there is none
   * @param nullable whether it may be left out without a default
   */
  record Field(
      String key, Shape shape, String description, @Nullable String byDefault, boolean nullable) {}

  /**
   * The shape of a settings record.
   *
   * @throws IllegalStateException if it is no settings record: a mistake of its author
   */
  static Group of(Class<? extends Record> type, Adapters adapters) {
    List<Field> fields = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Setting setting = component.getAnnotation(Setting.class);
      if (setting == null) {
        throw new IllegalStateException(
            type.getName() + "." + component.getName() + " is not described by @Setting");
      }
      fields.add(
          new Field(
              kebab(component.getName()),
              of(component.getGenericType(), component, adapters),
              setting.value(),
              setting.byDefault().equals(Setting.NONE) ? null : setting.byDefault(),
              component.getAnnotatedType().isAnnotationPresent(Nullable.class)));
    }
    return new Group(type, List.copyOf(fields));
  }

  private static Shape of(Type type, RecordComponent component, Adapters adapters) {
    Class<?> raw = type instanceof ParameterizedType generic ? raw(generic) : (Class<?>) type;
    ScalarType<?> scalar = ScalarType.of(raw);
    if (scalar != null) {
      return new Scalar(scalar);
    }
    if (raw == SourceConfig.class) {
      return new Choice("source", adapters.sources());
    }
    if (raw == JournalConfig.class) {
      return new Choice("journal", adapters.journals());
    }
    if (raw == SubscriberConfig.Target.class) {
      return new Target(adapters.sinks());
    }
    if (raw.isRecord()) {
      return of(raw.asSubclass(Record.class), adapters);
    }
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (raw == List.class || raw == Set.class) {
        return new Sequence(of(arguments[0], component, adapters), raw == Set.class);
      }
      if (raw == Map.class && arguments[0] == String.class && arguments[1] == String.class) {
        return new Texts();
      }
    }
    throw new IllegalStateException(
        component.getDeclaringRecord().getName()
            + "."
            + component.getName()
            + ": a setting cannot be a "
            + type.getTypeName());
  }

  private static Class<?> raw(ParameterizedType type) {
    return (Class<?>) type.getRawType();
  }

  /** {@code flushTimeout} as {@code flush-timeout}; {@code maxTLSVersion} is not written so. */
  static String kebab(String name) {
    StringBuilder kebab = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isUpperCase(c)) {
        kebab.append('-');
      }
      kebab.append(Character.toLowerCase(c));
    }
    return kebab.toString();
  }

  /** An enum's constant as it is written: {@code AS_IS} as {@code as-is}. */
  static String kebab(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
