package io.rowbell.language.expression;

import io.rowbell.model.Row;
import java.util.List;

/** What rules are told of the transaction of a change. */
public interface TransactionFacts {
  /** What is known where there is no transaction: a snapshot's row. */
  TransactionFacts NONE =
      new TransactionFacts() {
        @Override
        public long changes() {
          return 0;
        }

        @Override
        public List<Row> children(Child child, Object value) {
          return List.of();
        }
      };

  /**
   * What is known while it is being read: nothing. What has a value all the same has it whatever
   * the rest of the transaction brings.
   */
  TransactionFacts NOT_YET =
      new TransactionFacts() {
        @Override
        public long changes() {
          throw EvaluationException.notYet();
        }

        @Override
        public List<Row> children(Child child, Object value) {
          throw EvaluationException.notYet();
        }
      };

  /**
   * What is known while it is being read, to a condition that is true of no transaction of so many
   * changes or more.
   */
  static TransactionFacts atLeast(long changes) {
    return new TransactionFacts() {
      @Override
      public long changes() {
        return changes;
      }

      @Override
      public List<Row> children(Child child, Object value) {
        return NOT_YET.children(child, value);
      }
    };
  }

  /** How many row changes it made, of the tables that are followed. */
  long changes();

  /**
   * The child rows that hold a value of their parent, each as the transaction left it, in the order
   * in which it first wrote them.
   *
   * @throws EvaluationException if there are too many, or they are not known
   */
  List<Row> children(Child child, Object value);
}
