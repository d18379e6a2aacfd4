package io.rowbell.model;

/** Which old values PostgreSQL logs for an UPDATE or DELETE ({@code pg_class.relreplident}). */
public enum ReplicaIdentity {
  /** The primary key, if there is one. */
  DEFAULT,
  /** Every column. */
  FULL,
  /** The columns of a chosen unique index. */
  INDEX,
  /** None: updates and deletes of a published table fail in the application. */
  NOTHING
}
