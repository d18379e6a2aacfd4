package io.rowbell.language.expression;

import java.util.ArrayList;
import java.util.List;

/** The windows of one rule, each known by its number. Two that say the same are one. */
final class RuleWindows {
  private final List<Window> windows = new ArrayList<>();

  /** A window's number. */
  int add(Window window) {
    for (int i = 0; i < windows.size(); i++) {
      if (windows.get(i).meaning().equals(window.meaning())) {
        return i;
      }
    }
    windows.add(window);
    return windows.size() - 1;
  }

  List<Window> all() {
    return List.copyOf(windows);
  }
}
