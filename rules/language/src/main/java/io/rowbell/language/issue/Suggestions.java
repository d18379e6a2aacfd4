package io.rowbell.language.issue;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds what was likely meant by a name that does not exist. */
public final class Suggestions {
  private static final int MAX_CHOICE = 12;

  private Suggestions() {}

  /**
   * The candidate with the smallest edit distance (Damerau's, neighbours may be swapped), ignoring
   * case.
   *
   * @return empty if none is within a third of the word's length, or 1 for short words
   */
  public static Optional<String> closest(String word, Collection<String> candidates) {
    int bound = Math.max(1, word.length() / 3);
    return candidates.stream()
        .filter(candidate -> distance(word, candidate) <= bound)
        .min(
            Comparator.comparingInt((String candidate) -> distance(word, candidate))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** {@code did you mean 'x'?} for {@link #closest}; empty if there is none. */
  public static Optional<String> didYouMean(String word, Collection<String> candidates) {
    return closest(word, candidates).map(name -> "did you mean '" + name + "'?");
  }

  /**
   * {@code its columns are a, b}: what there is instead, the first twelve of them.
   *
   * @return empty if there is nothing
   */
  public static Optional<String> choice(String what, Collection<String> candidates) {
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    int more = candidates.size() - MAX_CHOICE;
    String first = candidates.stream().limit(MAX_CHOICE).collect(Collectors.joining(", "));
    return Optional.of(what + " are " + first + (more > 0 ? " and " + more + " more" : ""));
  }

  private static int distance(String first, String second) {
    String a = first.toLowerCase(Locale.ROOT);
    String b = second.toLowerCase(Locale.ROOT);
    int[][] table = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          table[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best =
            Math.min(Math.min(table[i - 1][j], table[i][j - 1]) + 1, table[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          best = Math.min(best, table[i - 2][j - 2] + 1);
        }
        table[i][j] = best;
      }
    }
    return table[a.length()][b.length()];
  }
}
