package io.rowbell.language;

import io.rowbell.language.expression.Child;
import io.rowbell.language.expression.TransactionFacts;
import io.rowbell.language.memory.OpenTransaction;
import io.rowbell.model.Row;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a transaction that was read to its end tells the rules that waited for it. */
final class CommitFacts implements TransactionFacts {
  private final OpenTransaction transaction;

  /** By what one rule calls its children: each rule has its own. */
  private final IdentityHashMap<Child, Families> families = new IdentityHashMap<>();

  private @Nullable CompiledRule rule;

  CommitFacts(OpenTransaction transaction) {
    this.transaction = transaction;
  }

  /** Which rule asks from here on. */
  void of(CompiledRule asking) {
    rule = asking;
  }

  @Override
  public long changes() {
    return transaction.changes(rule != null && rule.isShadow());
  }

  @Override
  public List<Row> children(Child child, Object value) {
    Set<String> columns = rule == null ? Set.of() : rule.keeping().columnsOf(child);
    return families.computeIfAbsent(child, c -> Families.of(c, columns, transaction)).of(value);
  }
}
