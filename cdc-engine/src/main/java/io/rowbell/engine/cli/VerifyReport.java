package io.rowbell.engine.cli;

import io.rowbell.engine.Verifier;
import io.rowbell.engine.verify.Discrepancy;

/** How an audit is told, as it goes on. */
interface VerifyReport {
  /** What one must know to read the rest. */
  void note(String text);

  /** Something is wrong. */
  void discrepancy(Discrepancy discrepancy);

  /** How far it is. */
  void progress(Verifier.Progress progress);

  /** The last of it. */
  void summary(Verifier.Progress progress);
}
