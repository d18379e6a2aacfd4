package io.rowbell.language.memory;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is written down of the transaction that is being read, in its order. For one thread.
 *
 * <p>They lie in the journal's entries {@code tx/000001} and so on, in pieces. When notes that lie
 * there are taken out, all pieces are written anew, so that the entries never hold more than the
 * notes do.
 */
final class Notes {
  /** What a note is about, and what follows in it; a name keeps its meaning for ever. */
  enum Kind {
    /** A table, names and types of columns: what later notes call by its number. */
    FORM,
    /** A rule, a form, a change. */
    HELD,
    /** A table, a form, a primary key, values. */
    CHILD,
    /** A table, a primary key. */
    CHILD_GONE,
    /** A table. */
    CHILDREN_GONE,
    /** A table, a code, a reason. */
    CHILDREN_UNKNOWN,
    /** A name, a value. */
    CONTEXT,
    /** A rule, or nothing for all. */
    SKIP,
    /** A rule. */
    NO_ROOM
  }

  /** Small enough for every journal's record. */
  private static final int PIECE_BYTES = 256 << 10;

  /** What a note costs in memory beside its bytes. */
  private static final long OVERHEAD = 100;

  private final RuleMemory.Listener journal;
  private final String prefix;
  private final List<byte[]> all = new ArrayList<>();
  private long bytes;

  /** How many of them lie in the journal. */
  private int saved;

  /** In how many entries they do. */
  private int pieces;

  /**
   * @param prefix of the entries' names
   */
  Notes(RuleMemory.Listener journal, String prefix) {
    this.journal = journal;
    this.prefix = prefix;
  }

  /** A note that is yet to be written. */
  static ByteArrayOutputStream begin(Kind kind) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[Integer.BYTES]);
    Values.write(out, kind.name());
    return out;
  }

  /** What a note is; its values follow. */
  static Kind kind(ByteBuffer note) {
    return Kind.valueOf(String.valueOf(Values.read(note)));
  }

  /** The room that they take. */
  long bytes() {
    return bytes;
  }

  /**
   * Keeps a note if there is room for it.
   *
   * @param most how many bytes there may be with it
   * @return it, to be read; null if there is no room
   */
  @Nullable ByteBuffer keep(ByteArrayOutputStream note, long most) {
    if (bytes + room(note.size()) > most) {
      return null;
    }
    bytes += room(note.size());
    return write(note);
  }

  /**
   * Keeps a note whatever room there is, and takes none: there are few of its kind.
   *
   * @return it, to be read
   */
  ByteBuffer write(ByteArrayOutputStream out) {
    byte[] note = out.toByteArray();
    ByteBuffer.wrap(note).putInt(0, note.length - Integer.BYTES);
    all.add(note);
    return content(note);
  }

  private static ByteBuffer content(byte[] note) {
    return ByteBuffer.wrap(note, Integer.BYTES, note.length - Integer.BYTES).slice();
  }

  private static long room(int length) {
    return length + OVERHEAD;
  }

  /**
   * Takes notes out that were kept, and gives their room back.
   *
   * @param about the first of their values
   */
  void remove(Set<Kind> kinds, String about) {
    boolean removed =
        all.removeIf(
            note -> {
              ByteBuffer in = content(note);
              if (!kinds.contains(kind(in)) || !about.equals(Values.read(in))) {
                return false;
              }
              bytes -= room(note.length);
              return true;
            });
    if (removed) {
      saved = 0;
    }
  }

  /** Puts those that are not there into the journal's entries. */
  void save() {
    int before = pieces;
    if (saved == 0) {
      pieces = 0;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    all.subList(saved, all.size()).forEach(out::writeBytes);
    byte[] rest = out.toByteArray();
    for (int from = 0; from < rest.length; from += PIECE_BYTES) {
      int to = Math.min(rest.length, from + PIECE_BYTES);
      journal.changed(name(++pieces), Arrays.copyOfRange(rest, from, to));
    }
    for (int piece = pieces + 1; piece <= before; piece++) {
      journal.changed(name(piece), null);
    }
    saved = all.size();
  }

  private String name(int piece) {
    return String.format(Locale.ROOT, "%s%06d", prefix, piece);
  }

  /**
   * Takes over those of an earlier run.
   *
   * @param from the journal's entries
   * @param room what they took
   */
  void restore(Map<String, byte[]> from, long room, Consumer<ByteBuffer> reader) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new TreeMap<>(from).values().forEach(out::writeBytes);
    ByteBuffer in = ByteBuffer.wrap(out.toByteArray());
    while (in.hasRemaining()) {
      byte[] note = new byte[Integer.BYTES + in.getInt(in.position())];
      in.get(note);
      all.add(note);
      reader.accept(content(note));
    }
    bytes = room;
    saved = all.size();
    pieces = from.size();
  }

  /** Forgets them all. */
  void clear() {
    for (int piece = 1; piece <= pieces; piece++) {
      journal.changed(name(piece), null);
    }
    all.clear();
    bytes = 0;
    saved = 0;
    pieces = 0;
  }
}
