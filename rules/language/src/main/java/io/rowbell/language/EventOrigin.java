package io.rowbell.language;

import io.rowbell.model.Change;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Origin;
import io.rowbell.model.TableId;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an event says of where it comes from: CloudEvents {@code source} and extension attributes.
 *
 * @param uri {@code /rowbell/<database>/<schema>.<table>}, or {@code
 *     /rowbell/<database>/messages/<prefix>}, percent-encoded
 * @param attribute {@code table} or {@code prefix}
 * @param place the table as {@code schema.table}, or the prefix
 */
record EventOrigin(String uri, String attribute, String place) {
  /** The names of all extension attributes that events have of themselves. */
  static final Set<String> ATTRIBUTES =
      Set.of("table", "prefix", "op", "position", "xid", "backfill", "rule", "missing");

  private static final String UNRESERVED =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

  static EventOrigin table(DatabaseId database, TableId table) {
    String uri =
        "/rowbell/"
            + encode(database.database())
            + "/"
            + encode(table.schema())
            + "."
            + encode(table.name());
    return new EventOrigin(uri, "table", table.toString());
  }

  static EventOrigin messages(DatabaseId database, String prefix) {
    return new EventOrigin(
        "/rowbell/" + encode(database.database()) + "/messages/" + encode(prefix),
        "prefix",
        prefix);
  }

  /** The extension attributes; docs/rule-language.md lists them. */
  Map<String, String> extensions(Change change, String rule, @Nullable String missing) {
    Origin origin = change.origin();
    String op = change.operation().word();
    String position = origin.position().toString();
    String backfill = origin.backfill();
    String where = backfill == null ? "xid" : "backfill";
    String which = backfill == null ? Long.toString(origin.xid()) : backfill;
    return missing == null
        ? Map.of(attribute, place, "op", op, "position", position, "rule", rule, where, which)
        : Map.of(
            attribute,
            place,
            "op",
            op,
            "position",
            position,
            "rule",
            rule,
            where,
            which,
            "missing",
            missing);
  }

  private static String encode(String part) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
      if (UNRESERVED.indexOf(b) >= 0) {
        encoded.append((char) b);
      } else {
        encoded.append(String.format("%%%02X", b));
      }
    }
    return encoded.toString();
  }
}
