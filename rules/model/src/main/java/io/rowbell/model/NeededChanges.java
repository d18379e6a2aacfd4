package io.rowbell.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which changes of a table's rows rules can need: of any other they do nothing, neither fire nor
 * fail nor remember. As wide as it has to be.
 *
 * @param cases for INSERT, UPDATE and DELETE, of which one must be given for a change to matter; an
 *     operation that is not there is needed by no rule. An update that changes the key is a delete
 *     and an insert
 */
public record NeededChanges(Map<Operation, List<Case>> cases) {
  public NeededChanges {
    Map<Operation, List<Case>> copy = new HashMap<>();
    cases.forEach(
        (operation, of) -> copy.put(operation, of.contains(Case.ANY) ? List.of(Case.ANY) : of));
    copy.replaceAll((operation, of) -> of.stream().distinct().toList());
    cases = Map.copyOf(copy);
  }

  /**
   * What one rule asks of a change, all of it.
   *
   * @param differs columns of which one must differ between the two rows of an update; if there are
   *     none, none has to
   * @param row what must hold of the new row, or of one that was deleted; null for any
   */
  public record Case(Set<String> differs, @Nullable RowPredicate row) {
    /** Every change. */
    public static final Case ANY = new Case(Set.of(), null);

    public Case {
      differs = Set.copyOf(differs);
    }
  }
}
