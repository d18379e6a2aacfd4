package io.rowbell.spi;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one setting: a component of a settings record. In YAML its key is the component's name
 * in kebab case, {@code flushTimeout} as {@code flush-timeout}.
 *
 * <p>A component may be a String, int, long, boolean, {@link java.time.Duration} ({@code 30s}),
 * {@link ByteSize} ({@code 64MiB}), {@link java.nio.file.Path}, {@link java.net.URI}, {@link
 * Secret}, an enum (its constants in kebab case), a nested settings record, a List of these or a
 * Map from String to String; with {@code @Nullable} it may be left out.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
  /** What it is for, in one sentence: in the JSON Schema and the reference. */
  String value();

  /**
   * The default as it would stand in YAML; without one the setting must be given, unless it is
   * nullable.
   */
  String byDefault() default NONE;

  /** Says that there is no default. */
  String NONE = "\u0000";
}
