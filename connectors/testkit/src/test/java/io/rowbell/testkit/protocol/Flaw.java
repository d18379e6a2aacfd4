package io.rowbell.testkit.protocol;

/** Ways to get the protocol wrong. Each is one small difference, and each is found. */
enum Flaw {
  // What the slot is told, and when

  /** The slot is told of a batch before the journal has it. */
  CONFIRM_BEFORE_APPEND,
  /** What was read and marked as processed is confirmed, whether it was appended or not. */
  MARKING_CONFIRMS,
  /** The offset store answers with the batch at hand, which is not durable yet. */
  GET_ANSWERS_WHAT_IS_NOT_DURABLE,
  /** Stopping confirms what was read. */
  STOP_CONFIRMS_WHAT_WAS_READ,
  /** The driver answers a keepalive with all that it was sent. */
  DRIVER_CONFIRMS_KEEPALIVES,
  /** The offset store answers with `lsn` alone: no feedback is ever sent. */
  SLOT_NEVER_MOVES,
  /** A marker does not move D: while other tables are written, the slot stands still. */
  MARKERS_MOVE_NOTHING,

  // One durable step

  /** The events are durable before the position is. */
  EVENTS_BEFORE_POSITION,
  /** The position is durable before the events are. */
  POSITION_BEFORE_EVENTS,
  /** What rules remember is not part of the append. */
  STATE_NOT_IN_APPEND,
  /** What is known of a transaction that is partly in the journal is not part of the append. */
  OPEN_TRANSACTION_NOT_IN_STATE,
  /** Timers are read off a clock of the engine's instead of the commits' times. */
  TIMERS_BY_OWN_CLOCK,

  // Where a stream goes on, and what is left out

  /** A start goes on from the slot's position instead of the journal's. */
  RESUME_FROM_SLOT,
  /** A start looks for the last row's LSN and goes on behind it, as Debezium's locator does. */
  LOCATE_LAST_ROW,
  /** Rows below D are taken for repeats. */
  FILTER_ROWS_BY_D,
  /** Rows that share an LSN are taken for repeats. */
  DROP_REPEATED_LSN,
  /** The rows of a large transaction that are in the journal are not counted. */
  FORGET_ROWS_OF_OPEN_TRANSACTION,
  /** A transaction that begins anew does not discard what was read of it before. */
  KEEP_PARTIAL_TRANSACTION,
  /** Whole transactions that were read and not appended are kept when the stream is lost. */
  KEEP_READ_TRANSACTIONS,
  /** Transactions are told apart by `txid:lsn`, which changes within one. */
  TRANSACTION_ID_BY_LSN,
  /** A checkpoint counts the rows that rules wanted instead of all. */
  COUNT_ROWS_AFTER_RULES,
  /** Rows that share an LSN are numbered from where the stream goes on. */
  NUMBER_ROWS_FROM_RESUME,
  /** D is where a commit begins instead of where it ends. */
  POSITION_OF_COMMIT_START,
  /** D is one further than a marker's end. */
  POSITION_BEHIND_NEXT_RECORD,
  /** Rows are taken as they are written, before it is known whether they are committed. */
  ROWS_BEFORE_THEIR_COMMIT,
  /** A prepared transaction is taken for a committed one. */
  PREPARED_IS_COMMITTED,

  // A journal that fails

  /** An append whose outcome is not known is done again. */
  RETRY_BLINDLY,
  /** A batch whose append failed is dropped and the next one appended, as Debezium would do. */
  DROP_FAILED_BATCH,
  /** What rules made of a batch that was not appended is kept. */
  KEEP_MEMORY_OF_FAILED_APPEND,
  /** A journal that cannot be read is taken for a new one. */
  UNREADABLE_IS_NEW,

  // One writer

  /** Opening the journal does not fence the writer before. */
  NO_FENCE,
  /** The journal is opened before the advisory lock is held. */
  FENCE_BEFORE_LOCK,
  /** D is read before the writer before is fenced. */
  READ_POSITION_BEFORE_FENCE,

  // In doubt, stop

  /** A slot that is ahead of D is followed all the same. */
  NO_PREFLIGHT
}
