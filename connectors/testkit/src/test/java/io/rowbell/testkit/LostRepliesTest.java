package io.rowbell.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.testkit.TcpProxy.Direction;
import io.rowbell.testkit.TcpProxy.Tap;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LostRepliesTest {
  private static byte[] request(int apiKey, int correlation, int bytes) {
    return ByteBuffer.allocate(12 + bytes)
        .putInt(8 + bytes)
        .putShort((short) apiKey)
        .putShort((short) 3)
        .putInt(correlation)
        .array();
  }

  private static byte[] reply(int correlation, int bytes) {
    return ByteBuffer.allocate(8 + bytes).putInt(4 + bytes).putInt(correlation).array();
  }

  private static Tap.Decision see(Tap tap, Direction direction, byte[]... parts) {
    byte[] all =
        Arrays.stream(parts)
            .reduce(
                new byte[0],
                (a, b) -> ByteBuffer.allocate(a.length + b.length).put(a).put(b).array());
    return tap.see(direction, all, all.length);
  }

  @Test
  void theReplyToTheRequestIsLostAndNoOther() {
    LostReplies lost = new LostReplies(LostReplies.END_TXN, 1);
    Tap tap = lost.get();
    see(tap, Direction.TO_SERVER, request(0, 1, 500), request(26, 2, 30), request(3, 3, 0));
    assertThat(see(tap, Direction.TO_CLIENT, reply(1, 40))).isEqualTo(Tap.Decision.PASS);
    assertThat(see(tap, Direction.TO_CLIENT, reply(2, 40))).isEqualTo(Tap.Decision.CUT);
    assertThat(lost.lost()).isEqualTo(1);
    Tap next = lost.get();
    see(next, Direction.TO_SERVER, request(26, 1, 30));
    assertThat(see(next, Direction.TO_CLIENT, reply(1, 4))).isEqualTo(Tap.Decision.PASS);
    assertThat(lost.lost()).isEqualTo(1);
  }

  @Test
  void messagesMayComeInPieces() {
    Tap tap = new LostReplies(LostReplies.END_TXN, 1).get();
    byte[] request = request(26, 9, 30);
    for (byte one : request) {
      see(tap, Direction.TO_SERVER, new byte[] {one});
    }
    byte[] reply = reply(9, 3);
    assertThat(see(tap, Direction.TO_CLIENT, Arrays.copyOf(reply, 7))).isEqualTo(Tap.Decision.PASS);
    assertThat(see(tap, Direction.TO_CLIENT, Arrays.copyOfRange(reply, 7, reply.length)))
        .isEqualTo(Tap.Decision.CUT);
  }
}
