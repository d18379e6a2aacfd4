package io.rowbell.language.memory;

import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.issue.Codes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one rule remembers of each key: bytes whose meaning is the rule's, and when they were
 * written.
 *
 * <p>An entry in the journal: its format (1 byte), the fingerprint (8), the time of writing in
 * microseconds since 1970 (8), when something is due for it, as another such time or {@link
 * Long#MAX_VALUE} (8), the rule's bytes.
 */
public final class RuleMemory {
  /**
   * Commits do not come in the order of their times: what a late one may ask for is kept so much
   * longer.
   */
  public static final Duration SLACK = Duration.ofMinutes(1);

  private static final byte FORMAT = 2;
  private static final int WRITTEN_AT = 1 + Long.BYTES;
  private static final int DUE_AT = WRITTEN_AT + Long.BYTES;
  private static final int BODY_AT = DUE_AT + Long.BYTES;
  private static final long NEVER = Long.MAX_VALUE;

  /** A longer key is known by its hash, so that a journal's names stay short. */
  private static final int LONGEST_KEY = 200;

  private final String name;
  private final long fingerprint;
  private final int largest;
  private final Listener listener;

  /** By the entry's name. */
  private final Map<String, byte[]> entries = new HashMap<>();

  /** When something is due for an entry, the earliest first. */
  private final NavigableSet<Moment> timers = new TreeSet<>();

  /**
   * When each entry was written, the earliest first; null until that is asked for. Commits do not
   * stand in the order of their times.
   */
  private @Nullable NavigableSet<Moment> written;

  /**
   * A time of an entry.
   *
   * @param at in microseconds since 1970
   */
  private record Moment(long at, String entryName) implements Comparable<Moment> {
    @Override
    public int compareTo(Moment other) {
      int order = Long.compare(at, other.at);
      return order != 0 ? order : entryName.compareTo(other.entryName);
    }
  }

  /** Told of every entry that is written or forgotten. */
  interface Listener {
    void changed(String name, byte @Nullable [] value);

    /** Something will be due, at a time in microseconds since 1970. */
    void willBeDue(long at);
  }

  /**
   * @param largest how many bytes an entry may have
   */
  RuleMemory(String name, long fingerprint, int largest, Listener listener) {
    this.name = name;
    this.fingerprint = fingerprint;
    this.largest = largest;
    this.listener = listener;
  }

  long fingerprint() {
    return fingerprint;
  }

  Map<String, byte[]> entries() {
    return entries;
  }

  int size() {
    return entries.size();
  }

  /**
   * Takes entries over.
   *
   * @return how many were of another meaning and are forgotten
   */
  int restore(Map<String, byte[]> from) {
    int forgotten = 0;
    for (Map.Entry<String, byte[]> entry : from.entrySet()) {
      if (isOurs(entry.getValue())) {
        keep(entry.getKey(), entry.getValue());
      } else {
        listener.changed(entry.getKey(), null);
        forgotten++;
      }
    }
    return forgotten;
  }

  private boolean isOurs(byte[] entry) {
    return entry.length >= BODY_AT
        && entry[0] == FORMAT
        && ByteBuffer.wrap(entry).getLong(1) == fingerprint;
  }

  /**
   * What is remembered of a key.
   *
   * @param key null for what has no key
   * @return the rule's bytes, to be read only; null if there is nothing
   */
  public @Nullable ByteBuffer get(@Nullable String key) {
    byte[] entry = entries.get(entryName(key));
    return entry == null ? null : body(entry);
  }

  /**
   * When what is remembered of a key was written.
   *
   * @throws IllegalStateException if there is nothing
   */
  public Instant writtenAt(@Nullable String key) {
    byte[] entry = entries.get(entryName(key));
    if (entry == null) {
      throw new IllegalStateException("nothing is remembered of the key");
    }
    return instant(writtenAt(entry));
  }

  /**
   * Whether {@link #put} would take bytes of a key. What is there already, and what is no larger,
   * it always takes.
   *
   * @throws EvaluationException X402 if they are more than the journal takes; nothing has changed
   */
  public void requireRoom(@Nullable String key, byte[] body) {
    int size = BODY_AT + body.length;
    if (size <= largest) {
      return;
    }
    byte[] known = entries.get(entryName(key));
    if (known == null || known.length < size) {
      throw new EvaluationException(
          Codes.TOO_LARGE,
          "what the rule would remember of its key takes "
              + size
              + " bytes, and the journal takes "
              + largest);
    }
  }

  /**
   * Remembers bytes of a key in place of those that were.
   *
   * @throws EvaluationException as {@link #requireRoom} does
   */
  public void put(@Nullable String key, byte[] body, Instant now) {
    put(key, body, now, null);
  }

  /**
   * Remembers bytes of a key in place of those that were.
   *
   * @param dueAt when {@link #due} is to tell of it; null for never
   * @throws EvaluationException as {@link #requireRoom} does
   */
  public void put(@Nullable String key, byte[] body, Instant now, @Nullable Instant dueAt) {
    requireRoom(key, body);
    byte[] entry =
        ByteBuffer.allocate(BODY_AT + body.length)
            .put(FORMAT)
            .putLong(fingerprint)
            .putLong(micros(now))
            .putLong(dueAt == null ? NEVER : micros(dueAt))
            .put(body)
            .array();
    String entryName = entryName(key);
    drop(entryName);
    keep(entryName, entry);
    listener.changed(entryName, entry);
  }

  /** Forgets a key. */
  public void forget(@Nullable String key) {
    String entryName = entryName(key);
    if (drop(entryName)) {
      listener.changed(entryName, null);
    }
  }

  /** Forgets every key. */
  public void forgetAll() {
    List.copyOf(entries.keySet())
        .forEach(
            entryName -> {
              boolean unused = drop(entryName);
              listener.changed(entryName, null);
            });
  }

  /** Something that is due for a key. */
  public record Due(Instant at, ByteBuffer body) {}

  /**
   * What is due at a time, the earliest first, and by key what is due at the same time. The caller
   * writes or forgets each of its keys.
   */
  public List<Due> due(Instant now) {
    long until = micros(now);
    List<Due> found = new ArrayList<>();
    for (Moment timer : timers) {
      if (timer.at > until) {
        break;
      }
      found.add(new Due(instant(timer.at), body(timer.entryName)));
    }
    return found;
  }

  /** All that will be due, the earliest first. */
  public Stream<Due> timers() {
    return timers.stream().map(timer -> new Due(instant(timer.at), body(timer.entryName)));
  }

  /** The bodies of all keys. */
  public List<ByteBuffer> all() {
    return entries.values().stream().map(RuleMemory::body).toList();
  }

  /** When something is due next, in microseconds since 1970; {@link Long#MAX_VALUE} for never. */
  long nextDue() {
    return timers.isEmpty() ? NEVER : timers.first().at;
  }

  private void keep(String entryName, byte[] entry) {
    entries.put(entryName, entry);
    if (written != null) {
      written.add(new Moment(writtenAt(entry), entryName));
    }
    long at = ByteBuffer.wrap(entry).getLong(DUE_AT);
    if (at != NEVER) {
      timers.add(new Moment(at, entryName));
      listener.willBeDue(at);
    }
  }

  private boolean drop(String entryName) {
    byte[] entry = entries.remove(entryName);
    if (entry == null) {
      return false;
    }
    if (written != null) {
      written.remove(new Moment(writtenAt(entry), entryName));
    }
    long at = ByteBuffer.wrap(entry).getLong(DUE_AT);
    if (at != NEVER) {
      timers.remove(new Moment(at, entryName));
    }
    return true;
  }

  private ByteBuffer body(String entryName) {
    return body(entries.getOrDefault(entryName, new byte[BODY_AT]));
  }

  private static ByteBuffer body(byte[] entry) {
    return ByteBuffer.wrap(entry, BODY_AT, entry.length - BODY_AT).slice();
  }

  /** Forgets the keys that were written longer ago than {@code age}. */
  public void expire(Duration age, Instant now) {
    long oldest = micros(now) - micros(age);
    NavigableSet<Moment> moments = written();
    while (!moments.isEmpty() && moments.first().at < oldest) {
      String entryName = moments.first().entryName;
      boolean unused = drop(entryName);
      listener.changed(entryName, null);
    }
  }

  private NavigableSet<Moment> written() {
    NavigableSet<Moment> moments = written;
    if (moments == null) {
      moments = new TreeSet<>();
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        moments.add(new Moment(writtenAt(entry.getValue()), entry.getKey()));
      }
      written = moments;
    }
    return moments;
  }

  private String entryName(@Nullable String key) {
    return entryName(name, key);
  }

  /** The name of the journal's entry for a key. */
  static String entryName(String name, @Nullable String key) {
    if (key == null) {
      return name;
    }
    return name + '/' + (key.length() <= LONGEST_KEY ? key : hash(key));
  }

  private static String hash(String key) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return "#" + HexFormat.of().formatHex(sha256.digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static long writtenAt(byte[] entry) {
    return ByteBuffer.wrap(entry).getLong(WRITTEN_AT);
  }

  static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000L);
  }

  static long micros(Instant time) {
    return Math.addExact(
        Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1000);
  }

  static long micros(Duration time) {
    return Math.addExact(Math.multiplyExact(time.getSeconds(), 1_000_000L), time.getNano() / 1000);
  }
}
