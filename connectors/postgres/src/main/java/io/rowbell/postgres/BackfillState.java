package io.rowbell.postgres;

import io.rowbell.model.TableId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far the backfill of one table is, as the journal keeps it.
 *
 * @param finished whether every row has been handed over
 * @param after the key up to which every row has been, as text; empty if none
 * @param ahead keys behind {@code after} whose rows have been handed over already, because a change
 *     of theirs came first
 */
record BackfillState(boolean finished, List<String> after, List<List<String>> ahead) {
  static final BackfillState NEW = new BackfillState(false, List.of(), List.of());
  static final BackfillState FINISHED = new BackfillState(true, List.of(), List.of());

  private static final byte VERSION = 1;

  BackfillState {
    after = List.copyOf(after);
    ahead = List.copyOf(ahead);
  }

  /** The name of a table's entry. */
  static String name(TableId table) {
    return "postgres/backfill/" + table.sql();
  }

  static BackfillState parse(byte @Nullable [] bytes) {
    if (bytes == null) {
      return NEW;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    if (buffer.get() != VERSION) {
      throw new IllegalStateException(
          "the journal holds a backfill's progress in a form that this version does not know");
    }
    boolean finished = buffer.get() == 1;
    List<String> after = key(buffer);
    List<List<String>> ahead = new ArrayList<>();
    for (int count = buffer.getInt(); count > 0; count--) {
      ahead.add(key(buffer));
    }
    return new BackfillState(finished, after, ahead);
  }

  private static List<String> key(ByteBuffer buffer) {
    List<String> key = new ArrayList<>();
    for (int count = buffer.getInt(); count > 0; count--) {
      byte[] text = new byte[buffer.getInt()];
      buffer.get(text);
      key.add(new String(text, StandardCharsets.UTF_8));
    }
    return key;
  }

  byte[] bytes() {
    List<byte[]> parts = new ArrayList<>();
    parts.add(new byte[] {VERSION, (byte) (finished ? 1 : 0)});
    add(parts, after);
    parts.add(number(ahead.size()));
    ahead.forEach(key -> add(parts, key));
    ByteBuffer all = ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
    parts.forEach(all::put);
    return all.array();
  }

  private static void add(Collection<byte[]> parts, List<String> key) {
    parts.add(number(key.size()));
    for (String text : key) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      parts.add(number(bytes.length));
      parts.add(bytes);
    }
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }
}
