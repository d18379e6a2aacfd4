package io.rowbell.engine.faults;

import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.PostgresServer;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL and one broker for all cases: they end with the JVM. A case that stops one starts
 * it again.
 */
final class FaultServers {
  private static @Nullable PostgresServer postgres;
  private static @Nullable KafkaBroker broker;

  private FaultServers() {}

  static synchronized PostgresServer postgres() {
    if (postgres == null) {
      postgres =
          PostgresServer.with("max_replication_slots", "40")
              .with("max_wal_senders", "40")
              .with("wal_sender_timeout", "10s")
              .start();
    }
    return postgres;
  }

  /** Behind its proxy. */
  static synchronized KafkaBroker broker() {
    if (broker == null) {
      broker =
          KafkaBroker.behindProxy()
              // Everybody may do everything, except where a case says otherwise.
              .with(
                  "authorizer.class.name",
                  "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
              .with("allow.everyone.if.no.acl.found", "true")
              // Looks for transactions whose time is over.
              .with("transaction.abort.timed.out.transaction.cleanup.interval.ms", "200")
              .start();
    }
    return broker;
  }
}
