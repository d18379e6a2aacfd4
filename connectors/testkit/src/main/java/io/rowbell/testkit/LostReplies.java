package io.rowbell.testkit;

import io.rowbell.testkit.TcpProxy.Direction;
import io.rowbell.testkit.TcpProxy.Tap;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Loses replies of a Kafka broker to one kind of request, and their connections with them: the
 * request was carried out, and the client does not know.
 *
 * <pre>{@code
 * LostReplies lost = new LostReplies(LostReplies.END_TXN, 1);
 * broker.proxy().tap(lost);
 * }</pre>
 *
 * <p>For connections that are made after {@link TcpProxy#tap} was called. Safe to use from several
 * threads.
 */
public final class LostReplies implements Supplier<Tap> {
  /** The API key of the request that commits or aborts a transaction. */
  public static final int END_TXN = 26;

  private final int apiKey;
  private final AtomicInteger left;
  private final AtomicInteger lost = new AtomicInteger();

  /**
   * @param apiKey which requests, by Kafka's number
   * @param times how many replies are lost; all later ones arrive
   */
  public LostReplies(int apiKey, int times) {
    this.apiKey = apiKey;
    this.left = new AtomicInteger(times);
  }

  /** How many replies were lost so far. */
  public int lost() {
    return lost.get();
  }

  @Override
  public Tap get() {
    return new Connection();
  }

  private final class Connection implements Tap {
    /** Size, API key, its version, correlation id. */
    private final Frames requests = new Frames(4 + 2 + 2 + 4);

    /** Size, correlation id. */
    private final Frames replies = new Frames(4 + 4);

    private final Set<Integer> awaited = new HashSet<>();

    @Override
    public synchronized Decision see(Direction direction, byte[] bytes, int length) {
      boolean[] loses = {false};
      if (direction == Direction.TO_SERVER) {
        requests.read(
            bytes,
            length,
            head -> {
              if (head.getShort(4) == apiKey) {
                awaited.add(head.getInt(8));
              }
            });
      } else {
        replies.read(
            bytes,
            length,
            head -> loses[0] |= awaited.remove(head.getInt(4)) && left.getAndDecrement() > 0);
      }
      if (loses[0]) {
        lost.incrementAndGet();
        return Decision.CUT;
      }
      return Decision.PASS;
    }
  }

  /** Finds the heads of messages that begin with their size. */
  private static final class Frames {
    private final ByteBuffer head;
    private int rest;

    Frames(int headBytes) {
      head = ByteBuffer.allocate(headBytes);
    }

    @FunctionalInterface
    private interface Reader {
      void read(ByteBuffer head);
    }

    void read(byte[] bytes, int length, Reader reader) {
      int at = 0;
      while (at < length) {
        if (rest > 0) {
          int skipped = Math.min(rest, length - at);
          rest -= skipped;
          at += skipped;
          continue;
        }
        head.put(bytes[at++]);
        if (!head.hasRemaining()) {
          reader.read(head);
          rest = Integer.BYTES + head.getInt(0) - head.capacity();
          head.clear();
        }
      }
    }
  }
}
