package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Operation;
import io.rowbell.model.Requirements;
import io.rowbell.model.Requirements.OfTable;
import io.rowbell.model.TableId;
import io.rowbell.postgres.WalMessages.ColumnMessage;
import io.rowbell.postgres.WalMessages.RelationMessage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which values are left out of rows, byte by byte. */
class WideValuesTest {
  private static final int WIDE = WideValues.WIDE_BYTES;
  private static final int OTHER_TABLE = 8;
  private static final int TABLE = 7;

  private final WideValues values =
      new WideValues(
          new Requirements(
              Map.of(
                  new TableId("public", "docs"),
                  new OfTable(
                      Set.of(Operation.INSERT),
                      Set.of("id", "seen"),
                      Set.of("was"),
                      null,
                      Set.of("unseen"))),
              Set.of("heard")));

  WideValuesTest() throws IOException {
    announce(TABLE, "docs", "id", "seen", "unseen", "was");
    announce(OTHER_TABLE, "others", "id", "other");
  }

  private void announce(int oid, String table, String... columns) throws IOException {
    List<ColumnMessage> all =
        List.of(columns).stream().map(name -> new ColumnMessage(name, 25, -1, true)).toList();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write('R');
    bytes.write(new RelationMessage(oid, "public", table, 'f', all).bytes());
    ByteBuffer message = inside(bytes.toByteArray());
    assertThat(values.leaveOut(message)).isSameAs(message);
  }

  /** Part of a larger array, as the driver gives them. */
  private static ByteBuffer inside(byte[] message) {
    ByteBuffer larger = ByteBuffer.allocate(message.length + 25);
    larger.position(25);
    larger.put(message).position(25);
    return larger.slice();
  }

  private static byte[] row(char type, int oid, Object... parts) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(type);
    out.writeInt(oid);
    for (Object part : parts) {
      if (part instanceof Character mark) {
        out.writeByte(mark);
      } else if (part instanceof Short columns) {
        out.writeShort(columns);
      } else if (part instanceof Integer length) {
        out.writeByte('t');
        out.writeInt(length);
        for (int i = 0; i < length; i++) {
          out.writeByte(i);
        }
      }
    }
    return bytes.toByteArray();
  }

  private static final short FOUR = 4;

  private byte[] left(byte[] message) {
    ByteBuffer given = inside(message);
    ByteBuffer kept = values.leaveOut(given);
    assertThat(given.position()).isZero();
    byte[] bytes = new byte[kept.remaining()];
    kept.get(bytes);
    return bytes;
  }

  @Test
  void aWideValueThatNoRuleReadsIsLeftOut() throws IOException {
    assertThat(left(row('I', TABLE, 'N', FOUR, 3, WIDE, WIDE, 'n')))
        .isEqualTo(row('I', TABLE, 'N', FOUR, 3, WIDE, '-', 'n'));
  }

  @Test
  void whatIsNotWideStays() throws IOException {
    byte[] row = row('I', TABLE, 'N', FOUR, 3, WIDE, WIDE - 1, WIDE - 1);
    assertThat(left(row)).isEqualTo(row);
  }

  @Test
  void bothRowsOfAnUpdateAreLookedAt() throws IOException {
    assertThat(left(row('U', TABLE, 'O', FOUR, 3, 4, WIDE, WIDE, 'N', FOUR, 3, 'u', WIDE + 1, 5)))
        .isEqualTo(row('U', TABLE, 'O', FOUR, 3, 4, '-', WIDE, 'N', FOUR, 3, 'u', '-', 5));
  }

  @Test
  void aColumnThatTheRulesDidNotKnowStays() throws IOException {
    announce(TABLE, "docs", "id", "seen", "renamed", "was");
    byte[] row = row('I', TABLE, 'N', FOUR, 3, 5, WIDE, 'n');
    assertThat(left(row)).isEqualTo(row);
  }

  @Test
  void ofATableThatNoRuleNeedsNothingLargeStays() throws IOException {
    short two = 2;
    assertThat(left(row('D', OTHER_TABLE, 'O', two, WIDE, 2_000)))
        .isEqualTo(row('D', OTHER_TABLE, 'O', two, '-', '-'));
    byte[] small = row('D', OTHER_TABLE, 'O', two, 5, 2_000);
    assertThat(left(small)).isEqualTo(small);
  }

  @Test
  void ofAMessageThatNoRuleHearsItsContentIsLeftOut() throws IOException {
    assertThat(left(message("unheard", WIDE))).isEqualTo(message("unheard", 0));
    for (String prefix : List.of("heard", OwnMessage.PREFIX)) {
      byte[] message = message(prefix, WIDE);
      assertThat(left(message)).isEqualTo(message);
    }
  }

  private static byte[] message(String prefix, int length) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte('M');
    out.writeByte(1);
    out.writeLong(0x1234567);
    out.writeBytes(prefix);
    out.writeByte(0);
    out.writeInt(length);
    out.write(new byte[length]);
    return bytes.toByteArray();
  }

  @Test
  void ofATableThatWasNotAnnouncedAllStays() throws IOException {
    short one = 1;
    byte[] row = row('I', 9, 'N', one, WIDE);
    assertThat(left(row)).isEqualTo(row);
  }
}
