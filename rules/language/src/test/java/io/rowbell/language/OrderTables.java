package io.rowbell.language;

import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Orders with lines, and transactions that write them. */
final class OrderTables {
  static final TableSchema ORDERS =
      Shop.table("public.orders", "DEFAULT", "id! int8", "customer int8", "total numeric");
  static final TableSchema LINES =
      Shop.table(
          "public.lines",
          "DEFAULT",
          "id! int8",
          "order_id int8",
          "sku text",
          "qty int8",
          "note text");

  private OrderTables() {}

  static Compilation compile(String file) {
    return new RuleCompiler(List.of(new RuleFile("rules.yaml", file)), Shop.DATABASE, null)
        .compile(Shop.catalog(ORDERS, LINES, Shop.LINES, Shop.LOG, Shop.CODES));
  }

  static RuleSet rules(String file) {
    return compile(file).orThrow();
  }

  /** Transactions as they are written, each change at a place of its own. */
  static final class Log {
    private final List<Change> changes = new ArrayList<>();
    private long xid = 1;
    private int index;

    /** What follows is of another transaction. */
    Log next() {
      xid++;
      return this;
    }

    Log order(long id, String total) {
      return add(new Change.Inserted(origin(), order(id, 1, total)));
    }

    Log orderUpdated(long id, String total) {
      Row unlogged = Shop.row(ORDERS, id, Row.NOT_LOGGED, Row.NOT_LOGGED);
      return add(new Change.Updated(origin(), unlogged, order(id, 1, total)));
    }

    Log orderDeleted(long id) {
      return add(
          new Change.Deleted(origin(), Shop.row(ORDERS, id, Row.NOT_LOGGED, Row.NOT_LOGGED)));
    }

    private static Row order(long id, long customer, String total) {
      return Shop.row(ORDERS, id, customer, new BigDecimal(total));
    }

    Log line(long id, @Nullable Long order, String sku, long qty) {
      return line(id, order, sku, qty, "note");
    }

    Log line(long id, @Nullable Long order, String sku, long qty, @Nullable Object note) {
      return add(new Change.Inserted(origin(), Shop.row(LINES, id, order, sku, qty, note)));
    }

    Log lineUpdated(long id, Long order, String sku, long qty, @Nullable Object note) {
      Row before =
          Shop.row(LINES, id, Row.NOT_LOGGED, Row.NOT_LOGGED, Row.NOT_LOGGED, Row.NOT_LOGGED);
      return add(new Change.Updated(origin(), before, Shop.row(LINES, id, order, sku, qty, note)));
    }

    Log lineDeleted(long id) {
      return add(
          new Change.Deleted(
              origin(),
              Shop.row(LINES, id, Row.NOT_LOGGED, Row.NOT_LOGGED, Row.NOT_LOGGED, Row.NOT_LOGGED)));
    }

    Log linesTruncated() {
      return add(new Change.Truncated(origin(), LINES));
    }

    Log message(String prefix, String content) {
      return add(new Change.Message(origin(), prefix, content, /* transactional= */ true));
    }

    /** One outside of transactions. */
    Log loose(String prefix, String content) {
      Origin origin = new Origin(0, Shop.TIME, new Position(0x100 + index++), 0, null);
      return add(new Change.Message(origin, prefix, content, /* transactional= */ false));
    }

    /** A row that a snapshot read. */
    Log snapshot(long id, String total) {
      Origin origin = new Origin(0, Shop.TIME, new Position(0x100 + index++), 0, "first");
      return add(new Change.Inserted(origin, order(id, 1, total)));
    }

    Log add(Change change) {
      changes.add(change);
      return this;
    }

    List<Change> changes() {
      return List.copyOf(changes);
    }

    private Origin origin() {
      return new Origin(xid, Shop.TIME.plusSeconds(xid), new Position(0x1000 * xid), index++, null);
    }
  }

  /** A pipeline without its servers: what it makes, and what its journal holds. */
  static final class Run {
    private RuleSet rules;
    private Memory memory;
    private Transactions transactions;
    final Map<String, byte[]> journal = new HashMap<>();
    final List<Outcome> outcomes = new ArrayList<>();
    final List<Notice> notices = new ArrayList<>();

    Run(RuleSet rules) {
      this.rules = rules;
      memory = rules.recall(Map.of());
      transactions = transactions();
    }

    private Transactions transactions() {
      return new Transactions(
          new Transactions.Rules() {
            @Override
            public RuleSet of(Change change) {
              return rules;
            }

            @Override
            public RuleSet current() {
              return rules;
            }
          },
          memory);
    }

    /** A batch that is appended. */
    Run batch(List<Change> changes, boolean open) {
      outcomes.addAll(transactions.evaluate(changes, open));
      notices.addAll(transactions.takeNotices());
      memory
          .takeChanges()
          .forEach(
              (name, value) -> {
                if (value == null) {
                  journal.remove(name);
                } else {
                  journal.put(name, value);
                }
              });
      return this;
    }

    Run all(Log log) {
      return batch(log.changes(), /* open= */ false);
    }

    /** Killed and started again. */
    Run restart(RuleSet next) {
      rules = next;
      memory = rules.recall(journal);
      transactions = transactions();
      return this;
    }

    RuleSet rules() {
      return rules;
    }

    List<DomainEvent> events() {
      return outcomes.stream()
          .filter(Outcome.Event.class::isInstance)
          .map(outcome -> ((Outcome.Event) outcome).event())
          .toList();
    }

    List<String> told() {
      return events().stream().map(event -> event.type() + " " + event.data()).toList();
    }

    List<String> problems() {
      return outcomes.stream()
          .filter(Outcome.Dead.class::isInstance)
          .map(outcome -> ((Outcome.Dead) outcome).letter())
          .map(letter -> letter.rule() + " " + letter.key() + " " + letter.code())
          .toList();
    }
  }
}
