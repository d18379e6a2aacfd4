package io.rowbell.engine;

import io.rowbell.spi.Decision;
import org.jspecify.annotations.Nullable;

/**
 * What a request comes to.
 *
 * @param decision what is to be decided; null if nothing is
 * @param fine whether that is as it was wanted
 * @param text what is decided, or why nothing is
 * @param after what comes of it, for the one who asked
 */
record Proposal(@Nullable Decision decision, boolean fine, String text, String after) {
  static Proposal of(Decision decision, String text, String after) {
    return new Proposal(decision, true, text, after);
  }

  /** It is so already. */
  static Proposal already(String text) {
    return new Proposal(null, true, text, "");
  }

  static Proposal refused(String text) {
    return new Proposal(null, false, text, "");
  }

  /** Whether the cursor goes elsewhere. */
  boolean moves() {
    return decision instanceof Decision.Move;
  }

  /** The answer to a request. */
  static String say(ActRequest request, String text) {
    return request.preview() ? "would " + text : "done: " + text;
  }
}
