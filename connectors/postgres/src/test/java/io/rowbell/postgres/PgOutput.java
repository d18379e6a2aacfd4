package io.rowbell.postgres;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What pgoutput sends for inserts, read over SQL: the independent witness of the golden tests. */
final class PgOutput {
  /** A column of the latest RELATION message. */
  record SentColumn(String name, long typeOid, int typmod) {}

  final List<SentColumn> columns = new ArrayList<>();
  final List<List<@Nullable String>> inserts = new ArrayList<>();

  private PgOutput() {}

  /** Takes all changes from a slot, decoded for a publication of the same name. */
  static PgOutput take(Connection connection, String slot) throws SQLException, IOException {
    return take(connection, slot, slot);
  }

  /** Takes all changes from a slot, decoded for a publication. */
  static PgOutput take(Connection connection, String slot, String publication)
      throws SQLException, IOException {
    PgOutput output = new PgOutput();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT data FROM pg_logical_slot_get_binary_changes(?, NULL, NULL, 'proto_version',"
                + " '1', 'publication_names', ?)")) {
      statement.setString(1, slot);
      statement.setString(2, publication);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          output.read(new DataInputStream(new ByteArrayInputStream(row.getBytes(1))));
        }
      }
    }
    return output;
  }

  private void read(DataInputStream in) throws IOException {
    switch (in.readByte()) {
      case 'R' -> relation(in);
      case 'I' -> insert(in);
      default -> {}
    }
  }

  private void relation(DataInputStream in) throws IOException {
    in.readInt();
    string(in);
    string(in);
    in.readByte();
    columns.clear();
    for (int left = in.readUnsignedShort(); left > 0; left--) {
      in.readByte();
      columns.add(new SentColumn(string(in), Integer.toUnsignedLong(in.readInt()), in.readInt()));
    }
  }

  private void insert(DataInputStream in) throws IOException {
    in.readInt();
    in.readByte();
    List<@Nullable String> values = new ArrayList<>();
    for (int left = in.readUnsignedShort(); left > 0; left--) {
      values.add(
          in.readByte() == 't'
              ? new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8)
              : null);
    }
    inserts.add(values);
  }

  private static String string(DataInputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int b = in.read(); b > 0; b = in.read()) {
      text.append((char) b);
    }
    return text.toString();
  }
}
