package io.rowbell.language;

import io.rowbell.language.issue.Text;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rule as its file declares it, before any table is known. What could not be read is null, and an
 * issue was noted.
 *
 * @param name the rule's name, unique within a set of files
 * @param on what it listens to
 * @param let in the file's order
 * @param with the child tables whose rows of the same transaction it reads
 * @param when the condition, or null if there is none
 * @param output the event it makes
 * @param lasting the state it waits for in place of {@code when}, or null
 * @param memory how it remembers
 * @param settings everything else
 */
record RuleDeclaration(
    Text name,
    @Nullable OnClause on,
    List<NamedText> let,
    List<ChildClause> with,
    @Nullable Text when,
    Output output,
    @Nullable Lasting lasting,
    Memory memory,
    Settings settings) {
  RuleDeclaration {
    let = List.copyOf(let);
    with = List.copyOf(with);
  }

  /**
   * The event a rule makes.
   *
   * @param event the template of its type
   * @param key an expression, or null for the primary key
   * @param id an expression, or null for the id made of the change
   * @param data its payload
   * @param to the template of its topic, or null for the default
   * @param version the version of its contract
   */
  record Output(
      @Nullable Text event,
      @Nullable Text key,
      @Nullable Text id,
      @Nullable DataClause data,
      @Nullable Text to,
      int version) {}

  /**
   * How a rule remembers.
   *
   * @param cooldown how long it keeps still after it has fired for a key, or null
   * @param forgetAfter how long {@code last} remembers a key for which it does not fire
   */
  record Memory(@Nullable Duration cooldown, Duration forgetAfter) {}

  /**
   * A state that lasts.
   *
   * @param holds the condition
   * @param until the condition that ends it, or null
   * @param duration how long it must hold
   * @param resolved the template of the type of the event at its end, or null
   */
  record Lasting(Text holds, @Nullable Text until, Duration duration, @Nullable Text resolved) {}

  /**
   * How a rule runs.
   *
   * @param onError what becomes of a change that it cannot evaluate
   * @param enabled whether it runs at all
   * @param vars its file's constants
   * @param mode whether what it makes is published
   * @param description what it is for, to its events' readers; null if its file does not say
   */
  record Settings(
      OnError onError,
      boolean enabled,
      Constants vars,
      Mode mode,
      @Nullable String description) {
    boolean isShadow() {
      return mode.shadow();
    }
  }

  /**
   * Whether what a rule makes is published.
   *
   * @param shadow whether it is only looked at
   * @param compare the name of the live rule that a shadow is compared with, or null for the only
   *     one of the same event
   */
  record Mode(boolean shadow, @Nullable Text compare) {
    static final Mode LIVE = new Mode(false, null);
  }
}
