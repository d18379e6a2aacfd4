package io.rowbell.language.memory;

import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What all rules remember, and what is known of the transaction being read. For one thread. */
public final class Memory {
  private static final String PREFIX = "rule/";

  /** No rule has a name with a colon. */
  private static final String WINDOWS = ":windows";

  private final Map<String, Map<String, byte[]>> restored = new HashMap<>();
  private final Map<String, RuleMemory> rules = new HashMap<>();
  private final Changes listener = new Changes();
  private final Set<String> restarted = new TreeSet<>();
  private final OpenTransaction transaction = new OpenTransaction(listener);

  /** In microseconds since 1970; nothing is due before. */
  private long nextDue = Long.MAX_VALUE;

  private final int largestEntry;

  private Map<String, byte @Nullable []> changes = new LinkedHashMap<>();

  /** Remembers nothing yet. */
  public Memory() {
    this(Map.of());
  }

  /**
   * @param entries the journal's named values; those that are not of rules are left alone
   */
  public Memory(Map<String, byte[]> entries) {
    this(entries, Integer.MAX_VALUE);
  }

  /**
   * @param entries the journal's named values; those that are not of rules are left alone
   * @param largestEntry how many bytes the journal takes for one of them
   */
  public Memory(Map<String, byte[]> entries, int largestEntry) {
    this.largestEntry = largestEntry;
    Map<String, byte[]> open = new HashMap<>();
    entries.forEach(
        (name, value) -> {
          if (name.startsWith(OpenTransaction.PREFIX)) {
            open.put(name, value);
          } else if (name.startsWith(PREFIX)) {
            int end = name.indexOf('/', PREFIX.length());
            String rule = name.substring(PREFIX.length(), end < 0 ? name.length() : end);
            restored.computeIfAbsent(rule, r -> new HashMap<>()).put(name, value);
          }
        });
    transaction.restore(open);
  }

  /**
   * A copy of what one rule remembers of a key: what is written to the one is not seen by the
   * other.
   *
   * @param key null for what has no key
   */
  public Memory copyOf(String rule, @Nullable String key) {
    Map<String, byte[]> entries = new HashMap<>();
    for (String part : List.of(rule, rule + WINDOWS)) {
      String name = RuleMemory.entryName(PREFIX + part, key);
      byte[] entry = entriesOf(part).get(name);
      if (entry != null) {
        entries.put(name, entry);
      }
    }
    return new Memory(entries, largestEntry);
  }

  private Map<String, byte[]> entriesOf(String rule) {
    RuleMemory open = rules.get(rule);
    return open == null ? restored.getOrDefault(rule, Map.of()) : open.entries();
  }

  /**
   * What one rule remembers.
   *
   * @param rule its name
   * @param fingerprint of what gives its memory a meaning; what was remembered under another one is
   *     forgotten
   */
  public RuleMemory of(String rule, long fingerprint) {
    RuleMemory memory = rules.get(rule);
    if (memory == null || memory.fingerprint() != fingerprint) {
      Map<String, byte[]> entries =
          memory == null ? restored.getOrDefault(rule, Map.of()) : memory.entries();
      restored.remove(rule);
      memory = new RuleMemory(PREFIX + rule, fingerprint, largestEntry, listener);
      if (memory.restore(entries) > 0) {
        restarted.add(nameOf(rule));
      }
      rules.put(rule, memory);
    }
    return memory;
  }

  /** The transaction that is being read. */
  public OpenTransaction transaction() {
    return transaction;
  }

  /** What was given to one rule's windows, apart from what else it remembers. */
  public RuleMemory windowsOf(String rule, long fingerprint) {
    return of(rule + WINDOWS, fingerprint);
  }

  /** Forgets all that was restored of rules that have not been asked for. */
  public void forgetOthers() {
    restored
        .values()
        .forEach(entries -> entries.keySet().forEach(name -> listener.changed(name, null)));
    restored.keySet().forEach(rule -> restarted.add(nameOf(rule)));
    restored.clear();
  }

  /** Forgets all that one rule remembers. */
  public void forget(String rule) {
    for (String part : List.of(rule, rule + WINDOWS)) {
      entriesOf(part).keySet().forEach(name -> listener.changed(name, null));
      restored.remove(part);
      rules.remove(part);
    }
  }

  private static String nameOf(String rule) {
    return rule.endsWith(WINDOWS) ? rule.substring(0, rule.length() - WINDOWS.length()) : rule;
  }

  /** The rules whose memory was lost since the last call, because they changed or are gone. */
  public Set<String> takeRestarted() {
    Set<String> taken = Set.copyOf(restarted);
    restarted.clear();
    return taken;
  }

  /**
   * What changed since the last call: the new values of the journal's entries by name, null for
   * those to be forgotten.
   */
  public Map<String, byte @Nullable []> takeChanges() {
    if (changes.isEmpty()) {
      return Collections.emptyMap();
    }
    Map<String, byte @Nullable []> taken = changes;
    changes = new LinkedHashMap<>();
    return taken;
  }

  /** Whether something may be due at a time, for any rule. Cheap enough to ask of every change. */
  public boolean mayBeDue(Instant now) {
    long micros = RuleMemory.micros(now);
    if (micros < nextDue) {
      return false;
    }
    // What was due first may be gone by now: looked at anew, and then known exactly.
    nextDue = rules.values().stream().mapToLong(RuleMemory::nextDue).min().orElse(Long.MAX_VALUE);
    return micros >= nextDue;
  }

  /** How many keys are remembered, of all rules together. */
  public int size() {
    return rules.values().stream().mapToInt(RuleMemory::size).sum()
        + restored.values().stream().mapToInt(Map::size).sum();
  }

  private final class Changes implements RuleMemory.Listener {
    @Override
    public void changed(String name, byte @Nullable [] value) {
      changes.put(name, value);
    }

    @Override
    public void willBeDue(long at) {
      nextDue = Math.min(nextDue, at);
    }
  }
}
