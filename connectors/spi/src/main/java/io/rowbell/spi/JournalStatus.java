package io.rowbell.spi;

import java.util.Map;

/**
 * How full a journal is.
 *
 * @param bytes how much room it takes, or -1 if not known
 * @param limitBytes how much it may take, or -1 if not known
 * @param deadLetters how many dead letters it keeps, of rules and of subscribers, or -1 if not
 *     known
 * @param lag for each subscriber, how many events lie before its cursor
 * @param parkedKeys for each subscriber, how many keys are parked
 */
public record JournalStatus(
    long bytes,
    long limitBytes,
    long deadLetters,
    Map<String, Long> lag,
    Map<String, Integer> parkedKeys) {
  public JournalStatus {
    lag = Map.copyOf(lag);
    parkedKeys = Map.copyOf(parkedKeys);
  }
}
