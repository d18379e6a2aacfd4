package io.rowbell.engine.config;

import io.rowbell.language.issue.Suggestions;
import io.rowbell.spi.ByteSize;
import io.rowbell.spi.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A kind of single value.
 *
 * @param kind which
 * @param expected what it looks like, for messages: {@code a duration such as 30s}
 * @param words the only texts it may be; empty if there are many
 * @param reader makes the value of its text; throws {@link Unreadable} if it is none
 */
record ScalarType<T>(Kind kind, String expected, List<String> words, Function<String, T> reader) {

  /** Which kind of value. */
  enum Kind {
    TEXT,
    NUMBER,
    FLAG,
    DURATION,
    SIZE,
    PATH,
    URI,
    SECRET,
    ADDRESS,
    WORD;

    /** Whether quotes are a sign that something else was meant. */
    boolean isBare() {
      return this == NUMBER || this == FLAG;
    }

    /** Whether the value may be shown although it came through a reference. */
    boolean isHarmless() {
      return isBare() || this == DURATION || this == SIZE || this == WORD;
    }
  }

  /** A text that is no such value. */
  static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable String help;

    Unreadable(@Nullable String help) {
      super(help, null, false, false);
      this.help = help;
    }

    /** The next step, if there is a better one than the expected form. */
    Optional<String> help() {
      return Optional.ofNullable(help);
    }
  }

  /** Text of any kind. */
  static final ScalarType<String> TEXT = many(Kind.TEXT, "text", text -> text);

  /** Text that is never shown. */
  static final ScalarType<Secret> SECRET = many(Kind.SECRET, "a secret", Secret::new);

  private static final Map<Class<?>, ScalarType<?>> KNOWN = known();

  private static Map<Class<?>, ScalarType<?>> known() {
    Map<Class<?>, ScalarType<?>> types = new LinkedHashMap<>();
    types.put(String.class, TEXT);
    ScalarType<Integer> ints = many(Kind.NUMBER, "a whole number", ScalarType::integer);
    types.put(int.class, ints);
    types.put(Integer.class, ints);
    ScalarType<Long> longs = many(Kind.NUMBER, "a whole number", ScalarType::whole);
    types.put(long.class, longs);
    types.put(Long.class, longs);
    ScalarType<Boolean> flags =
        new ScalarType<>(
            Kind.FLAG, "true or false", List.of("true", "false"), ScalarType::trueOrFalse);
    types.put(boolean.class, flags);
    types.put(Boolean.class, flags);
    types.put(Duration.class, many(Kind.DURATION, "a duration such as 30s", Durations::parse));
    types.put(ByteSize.class, many(Kind.SIZE, "a size such as 64MiB", ByteSize::parse));
    types.put(Path.class, many(Kind.PATH, "the path of a file", ScalarType::path));
    types.put(URI.class, many(Kind.URI, "a URI such as https://example.com/x", ScalarType::uri));
    types.put(Secret.class, SECRET);
    types.put(
        ListenAddress.class,
        many(Kind.ADDRESS, "an address such as 127.0.0.1:8080", ListenAddress::parse));
    return Map.copyOf(types);
  }

  private static <T> ScalarType<T> many(Kind kind, String expected, Function<String, T> reader) {
    return new ScalarType<>(kind, expected, List.of(), reader);
  }

  /** The kind of a component's type; null if it is no single value. */
  static @Nullable ScalarType<?> of(Class<?> type) {
    if (type.isEnum()) {
      return words(type.asSubclass(Enum.class));
    }
    return KNOWN.get(type);
  }

  private static ScalarType<?> words(@SuppressWarnings("rawtypes") Class<? extends Enum> type) {
    Map<String, Enum<?>> constants = new LinkedHashMap<>();
    for (Enum<?> constant : type.getEnumConstants()) {
      constants.put(Shape.kebab(constant), constant);
    }
    List<String> words = List.copyOf(constants.keySet());
    return new ScalarType<>(
        Kind.WORD,
        words.stream().collect(Collectors.joining(", ", words.size() > 1 ? "one of " : "", "")),
        words,
        text -> {
          Enum<?> constant = constants.get(text);
          if (constant == null) {
            throw new Unreadable(Suggestions.didYouMean(text, words).orElse(null));
          }
          return constant;
        });
  }

  /**
   * @throws Unreadable if the text is no such value
   */
  T read(String text) {
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw new Unreadable(null);
    }
  }

  private static int integer(String text) {
    long number = whole(text);
    if (number != (int) number) {
      throw new Unreadable("it is between " + Integer.MIN_VALUE + " and " + Integer.MAX_VALUE);
    }
    return (int) number;
  }

  private static long whole(String text) {
    if (!text.matches("-?\\d+")) {
      throw new Unreadable(null);
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new Unreadable("it is between " + Long.MIN_VALUE + " and " + Long.MAX_VALUE);
    }
  }

  private static boolean trueOrFalse(String text) {
    if (text.equals("true")) {
      return true;
    }
    if (text.equals("false")) {
      return false;
    }
    throw new Unreadable(
        Arrays.asList("yes", "on", "True", "TRUE").contains(text)
            ? "write true"
            : Arrays.asList("no", "off", "False", "FALSE").contains(text) ? "write false" : null);
  }

  private static Path path(String text) {
    try {
      if (text.isEmpty()) {
        throw new Unreadable("name a file; '.' is the directory of this file");
      }
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new Unreadable(e.getReason());
    }
  }

  private static URI uri(String text) {
    try {
      URI uri = new URI(text);
      if (!uri.isAbsolute()) {
        throw new Unreadable("begin with a scheme, as in https://example.com/x");
      }
      return uri;
    } catch (URISyntaxException e) {
      throw new Unreadable(e.getReason());
    }
  }
}
