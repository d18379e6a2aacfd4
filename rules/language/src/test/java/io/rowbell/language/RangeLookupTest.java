package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.expression.Range;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The ranges that hold a value, beside those that do when each is asked. */
class RangeLookupTest {
  private static final Comparator<Object> ORDER = (a, b) -> Long.compare((Long) a, (Long) b);

  @Test
  void findsTheRangesThatHoldAValueAndNoOther() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      List<RangeLookup.Ranged> ranges = new ArrayList<>();
      for (int position = random.nextInt(40); position >= 0; position--) {
        Range range = new Range(0, ORDER, end(random), end(random));
        ranges.add(new RangeLookup.Ranged(position, range));
      }
      RangeLookup lookup = new RangeLookup(ranges);
      for (long value = -1; value <= 31; value++) {
        BitSet expected = new BitSet();
        for (RangeLookup.Ranged ranged : ranges) {
          expected.set(ranged.position(), holds(ranged.range(), value));
        }
        BitSet chosen = new BitSet();
        lookup.choose(value, chosen);
        assertThat(chosen).as("seed %d, %d in %s", seed, value, ranges).isEqualTo(expected);
      }
    }
  }

  private static Range.@Nullable End end(Random random) {
    return random.nextInt(4) == 0
        ? null
        : new Range.End((long) random.nextInt(30), random.nextBoolean());
  }

  private static boolean holds(Range range, long value) {
    Range.End low = range.low();
    Range.End high = range.high();
    return (low == null
            || (low.inclusive() ? value >= (Long) low.value() : value > (Long) low.value()))
        && (high == null
            || (high.inclusive() ? value <= (Long) high.value() : value < (Long) high.value()));
  }
}
