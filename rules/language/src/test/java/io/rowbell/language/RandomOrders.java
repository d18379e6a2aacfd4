package io.rowbell.language;

import io.rowbell.model.Change;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;

/**
 * Random rules about orders and their lines, of everything that goes on from one change to the
 * next, and random transactions of so few rows and values that they meet again and again.
 */
final class RandomOrders {
  private final Random random;
  private Instant now = Shop.TIME;
  private long xid = 100;
  private long position = 0x1000;

  RandomOrders(Random random) {
    this.random = random;
  }

  /** A file of some rules that can be used. */
  String rules() {
    StringBuilder file = new StringBuilder("rules: v1\ntriggers:\n");
    int count = 2 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      String rule;
      do {
        rule = rule("R" + i);
      } while (OrderTables.compile("rules: v1\ntriggers:\n" + rule).rules().isEmpty());
      file.append(rule);
    }
    return file.toString();
  }

  private String rule(String name) {
    boolean lasting = random.nextInt(4) == 0;
    boolean with = !lasting && random.nextInt(4) == 0;
    StringJoiner keys = new StringJoiner("\n    ", "  - ", "\n");
    keys.add("event: " + name);
    if (lasting) {
      keys.add("on: orders");
      keys.add("while: " + condition(false));
      maybe(keys, 2, "for: " + oneOf("10s", "30s", "1m"));
      maybe(keys, 2, "until: " + condition(false));
      maybe(keys, 2, "resolved: " + name + "Over");
    } else {
      keys.add(
          "on: "
              + oneOf("insert", "update", "insert or update", "insert or update or delete")
              + " orders"
              + oneOf("", "", "(total)"));
      maybe(keys, 5, "when: " + condition(with));
      maybe(keys, 2, "cooldown: " + oneOf("5s", "40s", "1h"));
    }
    if (with) {
      keys.add("with: {lines: lines by order_id}");
    }
    maybe(keys, 2, "key: string(customer)");
    maybe(keys, 2, "on_error: " + oneOf("dlq", "skip", "halt"));
    maybe(keys, 1, "mode: shadow");
    return keys.add("data: {id, total}").toString();
  }

  /**
   * @param most of six, how often
   */
  private void maybe(StringJoiner keys, int most, String key) {
    if (random.nextInt(6) < most) {
      keys.add(key);
    }
  }

  private String condition(boolean with) {
    StringBuilder text = new StringBuilder();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : oneOf(" && ", " && ", " || "));
      String part = part(with);
      text.append(random.nextInt(6) == 0 ? "!(" + part + ")" : part);
    }
    return '"' + text.toString() + '"';
  }

  private String part(boolean with) {
    int n = random.nextInt(4);
    return switch (random.nextInt(with ? 13 : 11)) {
      case 0 -> "total > " + n;
      case 1 -> "customer == " + n;
      case 2 -> "becomes(total > " + n + ")";
      case 3, 4 -> oneOf("total > last.total", "total != last.total", "last.total < " + n);
      case 5 -> "count_over(total > " + n + ", '" + span() + "') >= 2";
      case 6 -> "sum_over(total, '" + span() + "') > " + n + ".0";
      case 7 -> oneOf("tx.changes > ", "tx.changes <= ") + n;
      case 8 -> "4 / total > " + n;
      case 9 -> "before.total == " + n;
      case 10 -> "changed(total)";
      case 11 -> "size(lines) > " + n;
      default -> "lines.exists(l, l.qty > " + n + ")";
    };
  }

  private String span() {
    return oneOf("10s", "30s", "2m");
  }

  /** The next one, some seconds later; among it may be what belongs to none. */
  List<Change> transaction() {
    now = now.plusSeconds(random.nextInt(40));
    xid++;
    List<Change> changes = new ArrayList<>();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      changes.add(change());
    }
    return changes;
  }

  private Change change() {
    return switch (random.nextInt(24)) {
      case 0 -> message("rowbell.skip", "");
      case 1 -> message("rowbell.skip", "R" + random.nextInt(3));
      case 2 -> message("rowbell.context", "{\"actor\": \"a\"}");
      case 3 -> new Change.Truncated(origin(xid), OrderTables.ORDERS);
      case 4 -> new Change.Inserted(new Origin(0, now, next(), 0, "first"), order());
      case 5, 6 -> new Change.Deleted(origin(xid), keyOnly());
      case 7, 8, 9 -> new Change.Inserted(origin(xid), line());
      case 10, 11, 12, 13 -> new Change.Inserted(origin(xid), order());
      default -> updated();
    };
  }

  private Change updated() {
    Row after = order();
    Row before =
        Shop.row(
            OrderTables.ORDERS,
            after.get(0),
            Row.NOT_LOGGED,
            random.nextBoolean() ? Row.NOT_LOGGED : number());
    return new Change.Updated(origin(xid), before, after);
  }

  private Change message(String prefix, String content) {
    return new Change.Message(origin(xid), prefix, content, /* transactional= */ true);
  }

  private Row keyOnly() {
    return Shop.row(OrderTables.ORDERS, id(), Row.NOT_LOGGED, Row.NOT_LOGGED);
  }

  private Row order() {
    Object total =
        switch (random.nextInt(12)) {
          case 0 -> null;
          case 1 -> Row.NOT_LOGGED;
          default -> number();
        };
    return Shop.row(OrderTables.ORDERS, id(), random.nextInt(8) == 0 ? null : id(), total);
  }

  private Row line() {
    return Shop.row(OrderTables.LINES, position, id(), "A", (long) random.nextInt(4), "note");
  }

  private long id() {
    return 1L + random.nextInt(2);
  }

  private BigDecimal number() {
    return BigDecimal.valueOf(random.nextInt(5));
  }

  private Origin origin(long of) {
    return new Origin(of, now, next(), 0, null);
  }

  private Position next() {
    position += 0x10;
    return new Position(position);
  }

  private String oneOf(String... values) {
    return values[random.nextInt(values.length)];
  }
}
