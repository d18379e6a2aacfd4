package io.rowbell.engine;

/**
 * What an engine is doing.
 *
 * <pre>
 * from      to        when
 * STARTING  RUNNING   the journal is open and the change stream is asked for
 * STARTING  FAILED    something keeps it from starting
 * STARTING  STANDBY   another instance follows the database, and this one may wait for it
 * STANDBY   RUNNING   that one has ended or hangs
 * STANDBY   FAILED    the database does not let us in
 * RUNNING   WAITING   the journal is full or not available
 * WAITING   RUNNING   it is again
 * RUNNING   FAILED    what cannot heal, or a doubt: it never skips
 * WAITING   FAILED    likewise
 * any       STOPPING  it was asked to stop
 * STOPPING  STOPPED   what was begun is durable, confirmed and committed
 * STOPPING  FAILED    that did not work
 * </pre>
 *
 * STOPPED and FAILED are final.
 */
public enum EngineState {
  STARTING,
  STANDBY,
  RUNNING,
  WAITING,
  STOPPING,
  STOPPED,
  FAILED;

  /** Whether nothing comes after it. */
  public boolean isFinal() {
    return this == STOPPED || this == FAILED;
  }
}
