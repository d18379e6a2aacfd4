package io.rowbell.kafka;

import org.apache.kafka.clients.admin.Admin;

/**
 * What everything that talks to the cluster for one journal shares. Safe for several threads.
 *
 * @param names what the pipeline's things are called
 * @param settings of the journal
 * @param clients makes further clients
 * @param admin the one administrative client
 * @param failures says what exceptions mean
 */
record Connection(
    Names names, KafkaJournalSettings settings, Clients clients, Admin admin, Failures failures) {

  /** Tells where partitions end. */
  Ends ends() {
    return new Ends(admin, failures, settings.timeout());
  }

  /** How long one step may take. */
  long timeoutMillis() {
    return settings.timeout().toMillis();
  }
}
