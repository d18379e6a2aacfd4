package io.rowbell.language.expression;

import io.rowbell.model.Operation;
import io.rowbell.model.TableSchema;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the expressions of one rule may speak of.
 *
 * @param table the table the rule listens to; null for a rule that listens to messages
 * @param operations what the rule listens to, at least one
 * @param vars the file's constants by name: Boolean, Long, {@link java.math.BigDecimal}, String, a
 *     List or Map of those, or null
 * @param privates the names of the table's columns that may not leave
 * @param hash the keyed hash behind {@code hash(x)}; null if no key is configured
 * @param children the tables whose rows of the same transaction the rule reads
 */
public record Scope(
    @Nullable TableSchema table,
    Set<Operation> operations,
    Map<String, @Nullable Object> vars,
    Set<String> privates,
    @Nullable KeyedHash hash,
    List<Child> children) {
  public Scope {
    children = List.copyOf(children);
    operations = Set.copyOf(operations);
    privates = Set.copyOf(privates);
    vars = Collections.unmodifiableMap(new LinkedHashMap<>(vars));
    if (operations.isEmpty()) {
      throw new IllegalArgumentException("a rule listens to something");
    }
  }

  /** The rows of a table. */
  public static Scope table(TableSchema table, Set<Operation> operations) {
    return new Scope(
        Objects.requireNonNull(table, "table"), operations, Map.of(), Set.of(), null, List.of());
  }

  /** Logical messages: {@code content} and {@code prefix}. */
  public static Scope message() {
    return new Scope(null, Set.of(Operation.MESSAGE), Map.of(), Set.of(), null, List.of());
  }

  /** The same with the file's constants. */
  public Scope withVars(Map<String, @Nullable Object> constants) {
    return new Scope(table, operations, constants, privates, hash, children);
  }

  /** The same with columns that may not leave. */
  public Scope withPrivates(Set<String> names) {
    return new Scope(table, operations, vars, names, hash, children);
  }

  /** The same with a key for {@code hash(x)}. */
  public Scope withHash(@Nullable KeyedHash keyed) {
    return new Scope(table, operations, vars, privates, keyed, children);
  }

  /** The same with child tables. */
  public Scope withChildren(List<Child> tables) {
    return new Scope(table, operations, vars, privates, hash, tables);
  }

  /** The child table of a name; null if there is none. */
  public @Nullable Child child(String name) {
    return children.stream().filter(child -> child.name().equals(name)).findFirst().orElse(null);
  }
}
