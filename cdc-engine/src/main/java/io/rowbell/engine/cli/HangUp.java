package io.rowbell.engine.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does something when the process gets SIGHUP.
 *
 * <p>Through reflection: {@code sun.misc.Signal} is the only way to a signal in Java 17, the
 * compiler warns of it, and a platform need not have it or the signal.
 */
final class HangUp {
  private static final Logger LOG = LoggerFactory.getLogger(HangUp.class);

  private final Runnable action;

  /** One that runs, and one that sees what was changed while it did. */
  private final Semaphore places = new Semaphore(2);

  private HangUp(Runnable action) {
    this.action = action;
  }

  /**
   * Installs it. Where SIGHUP is ignored, as under {@code nohup}, it stays so: the Java VM sees to
   * that.
   *
   * @param action called on a thread of its own for each signal; may be called again before it
   *     returns, and then must see to its order itself
   */
  static void install(Runnable action) {
    HangUp hangUp = new HangUp(action);
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object receiver =
          Proxy.newProxyInstance(
              HangUp.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      hangUp.received();
                      yield null;
                    }
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> arguments != null && proxy == arguments[0];
                    default -> "SIGHUP";
                  });
      Object earlier =
          signal
              .getMethod("handle", signal, handler)
              .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), receiver);
      if (handler.getField("SIG_IGN").get(null).equals(earlier)) {
        LOG.info("SIGHUP is ignored: reload with 'rowbell reload'");
      }
    } catch (InvocationTargetException e) {
      LOG.debug("no SIGHUP here", e.getCause());
    } catch (ReflectiveOperationException e) {
      LOG.debug("no SIGHUP here", e);
    }
  }

  private void received() {
    if (places.tryAcquire()) {
      try {
        action.run();
      } finally {
        places.release();
      }
    }
  }
}
