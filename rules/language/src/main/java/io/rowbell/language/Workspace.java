package io.rowbell.language;

import io.rowbell.language.expression.Evaluation;
import io.rowbell.language.expression.JsonWriter;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** What an evaluating thread uses again and again. */
final class Workspace {
  private static final ThreadLocal<Workspace> OF_THREAD = ThreadLocal.withInitial(Workspace::new);

  final Evaluation evaluation = new Evaluation();
  final JsonWriter json = new JsonWriter();
  final BitSet chosen = new BitSet();

  /** Where it is noted why rules fire; null if nobody asks. */
  @Nullable Explanations explanations;

  private Workspace() {}

  static Workspace ofThread() {
    return OF_THREAD.get();
  }
}
