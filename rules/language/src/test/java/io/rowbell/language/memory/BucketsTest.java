package io.rowbell.language.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What one window holds for one key. */
class BucketsTest {
  private static final Duration SPAN = Duration.ofMinutes(1);

  private record Bucket(int count, BigDecimal sum) {}

  private static Object sum(Object a, Object b) {
    return ((BigDecimal) a).add((BigDecimal) b);
  }

  /** Read, changed and written by turns, beside what journals have held since there are windows. */
  @Test
  void bytesKeepTheirFormWhetherTheBucketChangedOrNot() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    NavigableMap<Long, Bucket> expected = new TreeMap<>();
    byte[] written = {0};
    Instant time = Instant.parse("2026-11-20T10:00:00Z");
    for (int i = 0; i < 3000; i++) {
      time = time.plusMillis(random.nextInt(100) == 0 ? 90_000 : random.nextInt(2500) - 500);
      BigDecimal value = value(random);
      // Within an entry, other bytes come before.
      byte[] entry = ByteBuffer.allocate(written.length + 7).position(7).put(written).array();
      Buckets buckets = Buckets.read(ByteBuffer.wrap(entry).position(7).slice(), SPAN);

      boolean taken = buckets.add(time, value, BucketsTest::sum);

      assertThat(taken).isEqualTo(add(expected, time.getEpochSecond(), value));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      buckets.write(out);
      written = out.toByteArray();
      assertThat(written).as("seed %d, value %d", seed, i).isEqualTo(bytes(expected));
      assertThat(buckets.total(BucketsTest::sum))
          .isEqualTo(
              expected.values().stream().map(Bucket::sum).reduce(BigDecimal::add).orElseThrow());
    }
  }

  private static boolean add(NavigableMap<Long, Bucket> buckets, long second, BigDecimal value) {
    long newest = buckets.isEmpty() ? second : Math.max(second, buckets.lastKey());
    buckets.headMap(newest - 59).clear();
    if (second < newest - 59) {
      return false;
    }
    buckets.merge(
        second,
        new Bucket(1, value),
        (there, one) -> new Bucket(there.count + 1, there.sum.add(one.sum)));
    return true;
  }

  /** Counts have seven bits a byte here, and stay below that; 6 is a numeric. */
  private static byte[] bytes(NavigableMap<Long, Bucket> buckets) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(buckets.size());
    out.writeLong(buckets.lastKey());
    for (Map.Entry<Long, Bucket> entry : buckets.entrySet()) {
      out.writeByte((int) (buckets.lastKey() - entry.getKey()));
      out.writeByte(entry.getValue().count);
      out.writeByte(6);
      BigDecimal sum = entry.getValue().sum;
      byte[] unscaled = sum.unscaledValue().toByteArray();
      out.writeInt(sum.scale());
      out.writeInt(unscaled.length);
      out.write(unscaled);
    }
    return bytes.toByteArray();
  }

  private static BigDecimal value(Random random) {
    BigInteger unscaled = new BigInteger(random.nextInt(90), random);
    return new BigDecimal(random.nextBoolean() ? unscaled : unscaled.negate(), random.nextInt(4));
  }
}
