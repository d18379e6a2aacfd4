package io.rowbell.postgres;

import java.net.SocketTimeoutException;

/**
 * The answer to the driver when it looks whether something is there, by reading with a time-out of
 * {@value #PEEK_MILLIS} ms. Only that it came matters: where from would cost more than all the
 * rest.
 */
final class NothingThere extends SocketTimeoutException {
  /** The time-out that tells such a look from a read. */
  static final int PEEK_MILLIS = 1;

  private static final long serialVersionUID = 1;

  NothingThere() {
    super("nothing is there");
  }

  @Override
  public Throwable fillInStackTrace() {
    return this;
  }
}
