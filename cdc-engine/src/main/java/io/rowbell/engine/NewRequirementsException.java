package io.rowbell.engine;

/**
 * Thrown through a source's run, before a batch is looked at: the rules that have just taken over
 * ask the database for other changes, so the run has to begin again with what they need.
 */
final class NewRequirementsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NewRequirementsException() {
    super("the rules ask for other changes", null, false, false);
  }
}
