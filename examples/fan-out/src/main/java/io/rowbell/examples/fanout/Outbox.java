package io.rowbell.examples.fanout;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What the three services did, in order: stands for the mails, the tracking calls and the bonus
 * points.
 */
public final class Outbox {
  private static final List<String> LINES = new CopyOnWriteArrayList<>();

  private Outbox() {}

  static void add(String line) {
    LINES.add(line);
    System.out.println(line);
  }

  /** Everything so far. */
  public static List<String> lines() {
    return List.copyOf(LINES);
  }
}
