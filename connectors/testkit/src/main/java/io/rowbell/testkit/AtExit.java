package io.rowbell.testkit;

/** What is done when the JVM ends, unless it is cancelled before. */
final class AtExit {
  private final Thread hook;

  private AtExit(Thread hook) {
    this.hook = hook;
  }

  static AtExit run(Runnable action) {
    Thread hook = new Thread(action, "rowbell-testkit-at-exit");
    Runtime.getRuntime().addShutdownHook(hook);
    return new AtExit(hook);
  }

  void cancel() {
    if (Thread.currentThread() == hook) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // Too late to cancel: what the hook does is idempotent.
      return;
    }
  }
}
