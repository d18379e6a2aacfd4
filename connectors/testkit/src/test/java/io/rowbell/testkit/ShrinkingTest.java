package io.rowbell.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShrinkingTest {
  private static final List<Integer> NUMBERS = IntStream.range(0, 100).boxed().toList();

  @Test
  void onlyWhatMattersIsLeft() {
    assertThat(Shrinking.shrink(NUMBERS, list -> list.containsAll(List.of(3, 50, 51, 97))))
        .containsExactly(3, 50, 51, 97);
  }

  @Test
  void whatCanGoOnlyAfterSomethingElseGoesToo() {
    // An odd number matters as long as the even one before it is there.
    assertThat(
            Shrinking.shrink(
                NUMBERS,
                list ->
                    list.contains(99)
                        && list.stream()
                            .allMatch(n -> n % 2 == 1 || list.contains(n + 1) || n == 98)))
        .containsExactly(99);
  }

  @Test
  void whatFailsWithoutAnythingIsEmpty() {
    assertThat(Shrinking.shrink(NUMBERS, list -> true)).isEmpty();
  }
}
