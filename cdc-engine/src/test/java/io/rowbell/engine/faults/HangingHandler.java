package io.rowbell.engine.faults;

import io.rowbell.engine.EventHandler;
import io.rowbell.model.DomainEvent;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The first delivery to any one in a process never returns, whatever interrupts it; all others
 * return as soon as that one hangs.
 */
public final class HangingHandler implements EventHandler {
  private static final AtomicBoolean TAKEN = new AtomicBoolean();
  private static final CountDownLatch HANGS = new CountDownLatch(1);

  /** As the configuration needs it. */
  public HangingHandler() {}

  @Override
  public void handle(DomainEvent event) throws InterruptedException {
    if (TAKEN.compareAndSet(false, true)) {
      HANGS.countDown();
      hang();
    }
    HANGS.await();
  }

  private static void hang() {
    while (true) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        // As code that does not know of interrupts.
      }
    }
  }
}
