package io.rowbell.language.memory;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What was given to one window for one key: at most sixty buckets, each with how many values fell
 * into a sixtieth of the window's span and with the values put together.
 *
 * <p>Buckets are counted from 1970, in steps of a sixtieth of the span, rounded up to a
 * microsecond. The window holds the newest bucket and the 59 before it; the newest is that of the
 * time asked for, or of a later value that was given before, since commits do not come in the order
 * of their times. A value that is older than the window is not taken.
 */
public final class Buckets {
  private static final int SIZE = 60;

  private final long width;

  /** Ascending from {@link #from} to before {@link #to}, with room for one more. */
  private final long[] numbers;

  private final long[] counts;
  private final @Nullable Object[] values;

  /** What was read: of a bucket that has not changed since, the bytes are written again. */
  private final byte[] source;

  /** Where each bucket's count and value stand in the source; -1 for one that changed. */
  private final int[] starts;

  private final int[] ends;
  private int from;
  private int to;

  private Buckets(long width, byte[] source, int size) {
    this.width = width;
    this.source = source;
    starts = new int[size + 1];
    ends = new int[size + 1];
    numbers = new long[size + 1];
    counts = new long[size + 1];
    values = new @Nullable Object[size + 1];
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param in backed by an array that stays as it is; null if nothing was written yet
   */
  public static Buckets read(@Nullable ByteBuffer in, Duration span) {
    if (in == null) {
      return new Buckets(width(span), new byte[0], 0);
    }
    int size = in.get();
    Buckets buckets = new Buckets(width(span), in.array(), size);
    if (size > 0) {
      long newest = in.getLong();
      for (int i = 0; i < size; i++) {
        buckets.numbers[i] = newest - in.get();
        buckets.starts[i] = in.arrayOffset() + in.position();
        buckets.counts[i] = readCount(in);
        buckets.values[i] = Values.read(in);
        buckets.ends[i] = in.arrayOffset() + in.position();
      }
      buckets.to = size;
    }
    return buckets;
  }

  /** Its form in the journal: the newest bucket's number, and each bucket's distance from it. */
  public void write(ByteArrayOutputStream out) {
    out.write(to - from);
    if (from == to) {
      return;
    }
    long newest = numbers[to - 1];
    out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(newest).array());
    for (int i = from; i < to; i++) {
      out.write((int) (newest - numbers[i]));
      if (starts[i] >= 0) {
        out.write(source, starts[i], ends[i] - starts[i]);
      } else {
        writeCount(out, counts[i]);
        Values.write(out, values[i]);
      }
    }
  }

  /** How long after its time a value is in the window at most. */
  public static Duration reach(Duration span) {
    return Duration.ofNanos(Math.multiplyExact(width(span), SIZE * 1000L));
  }

  private static long width(Duration span) {
    return (RuleMemory.micros(span) + SIZE - 1) / SIZE;
  }

  /** Forgets what is no longer in the window at a time. */
  public void advance(Instant now) {
    long oldest = newest(number(now)) - SIZE + 1;
    while (from < to && numbers[from] < oldest) {
      values[from++] = null;
    }
  }

  /**
   * Takes a value.
   *
   * @param together makes one of two values
   * @return false if it is older than the window
   */
  public boolean add(Instant time, Object value, BinaryOperator<Object> together) {
    advance(time);
    long number = number(time);
    if (number <= newest(number) - SIZE) {
      return false;
    }
    int at = to;
    while (at > from && numbers[at - 1] > number) {
      at--;
    }
    if (at > from && numbers[at - 1] == number) {
      Object there = values[at - 1];
      counts[at - 1]++;
      starts[at - 1] = -1;
      values[at - 1] = there == null ? value : together.apply(there, value);
      return true;
    }
    insert(at, number, value);
    return true;
  }

  private void insert(int at, long number, Object value) {
    System.arraycopy(numbers, at, numbers, at + 1, to - at);
    System.arraycopy(counts, at, counts, at + 1, to - at);
    System.arraycopy(values, at, values, at + 1, to - at);
    System.arraycopy(starts, at, starts, at + 1, to - at);
    System.arraycopy(ends, at, ends, at + 1, to - at);
    numbers[at] = number;
    counts[at] = 1;
    starts[at] = -1;
    values[at] = value;
    to++;
  }

  /** How many values are in the window. */
  public long count() {
    long count = 0;
    for (int i = from; i < to; i++) {
      count += counts[i];
    }
    return count;
  }

  /** All values put together, the oldest first; null if there are none. */
  public @Nullable Object total(BinaryOperator<Object> together) {
    Object total = null;
    for (int i = from; i < to; i++) {
      Object next = values[i];
      total = total == null || next == null ? next : together.apply(total, next);
    }
    return total;
  }

  /** The beginning of the newest bucket, if it is later than another time. */
  public Instant latest(Instant other) {
    Instant newest = from == to ? Instant.MIN : RuleMemory.instant(numbers[to - 1] * width);
    return newest.isAfter(other) ? newest : other;
  }

  private long newest(long number) {
    return from == to ? number : Math.max(number, numbers[to - 1]);
  }

  private long number(Instant time) {
    return Math.floorDiv(RuleMemory.micros(time), width);
  }

  private static void writeCount(ByteArrayOutputStream out, long count) {
    long rest = count;
    while (rest > 0x7f) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private static long readCount(ByteBuffer in) {
    long count = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      count |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return count;
      }
    }
  }
}
