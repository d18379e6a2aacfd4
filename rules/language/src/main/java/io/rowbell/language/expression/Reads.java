package io.rowbell.language.expression;

import io.rowbell.language.issue.Location;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which columns an expression reads. Filled while it is checked. */
final class Reads {
  private final Set<String> columns = new TreeSet<>();
  private final Set<String> bare = new TreeSet<>();
  private final Set<String> oldColumns = new TreeSet<>();
  private final Set<String> lastColumns = new TreeSet<>();
  private final Map<String, Location> exposed = new TreeMap<>();
  private final Map<String, Set<String>> children = new TreeMap<>();
  private @Nullable Location commit;
  private @Nullable Location last;
  private final Map<String, String> definitions = new TreeMap<>();
  private boolean window;

  /** A column of the row as it is now, by its bare name. */
  void bare(String name) {
    bare.add(name);
    columns.add(name);
  }

  void column(String name) {
    columns.add(name);
  }

  void oldColumn(String name) {
    columns.add(name);
    oldColumns.add(name);
  }

  void lastColumn(String name, Location at) {
    columns.add(name);
    lastColumns.add(name);
    last = last == null ? at : last;
  }

  /** Where the row when the rule fired last is read first; or null. */
  @Nullable Location last() {
    return last;
  }

  /** Rows of a child table: at least how many there are. */
  void child(String child) {
    Set<String> unused = children.computeIfAbsent(child, c -> new TreeSet<>());
  }

  void childColumn(String child, String name) {
    children.computeIfAbsent(child, c -> new TreeSet<>()).add(name);
  }

  /** What is known only at the end of the transaction. */
  void atCommit(Location at) {
    commit = commit == null ? at : commit;
  }

  /** Where something is read first that only the end of the transaction tells; or null. */
  @Nullable Location atCommit() {
    return commit;
  }

  /** The columns that are read of each child table, by its name in the rule. */
  Map<String, Set<String>> children() {
    return Collections.unmodifiableMap(children);
  }

  /** A private column's value becomes part of the expression's. */
  void exposes(String name, Location at) {
    exposed.putIfAbsent(name, at);
  }

  /** A name is read that the rule file gives a meaning. */
  void defines(String name, String meaning) {
    definitions.put(name, meaning);
  }

  /** The names from the rule file that are read, and their meaning. */
  Map<String, String> definitions() {
    return Collections.unmodifiableMap(definitions);
  }

  /** A function over time is read. */
  void windowed() {
    window = true;
  }

  /** Whether a function over time is read. */
  boolean window() {
    return window;
  }

  /** The private columns whose values it does not hide, and where each is read first. */
  Map<String, Location> exposed() {
    return Collections.unmodifiableMap(exposed);
  }

  /** Takes over what is read by something that hides all values. */
  void addHidden(Reads other) {
    Map<String, Location> before = new TreeMap<>(exposed);
    addAll(other);
    exposed.clear();
    exposed.putAll(before);
  }

  void addAll(Reads other) {
    bare.addAll(other.bare);
    columns.addAll(other.columns);
    oldColumns.addAll(other.oldColumns);
    lastColumns.addAll(other.lastColumns);
    other.exposed.forEach(exposed::putIfAbsent);
    other.children.forEach(
        (child, names) -> children.computeIfAbsent(child, c -> new TreeSet<>()).addAll(names));
    commit = commit == null ? other.commit : commit;
    last = last == null ? other.last : last;
    definitions.putAll(other.definitions);
    window |= other.window;
  }

  /** The columns whose bare name is read: of whichever row is the current one. */
  Set<String> bare() {
    return Set.copyOf(bare);
  }

  Set<String> columns() {
    return Set.copyOf(columns);
  }

  Set<String> oldColumns() {
    return Set.copyOf(oldColumns);
  }

  /** The columns whose values are to be remembered. */
  Set<String> lastColumns() {
    return Set.copyOf(lastColumns);
  }
}
