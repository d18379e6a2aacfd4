package io.rowbell.postgres;

import java.util.Map;

/**
 * What a source follows, and under which names.
 *
 * @param pipeline the pipeline's name
 * @param slot the replication slot
 * @param publication the publication, as the catalog spells it
 * @param passThrough the configuration's {@code debezium} section
 */
record Endpoint(
    PostgresSettings settings,
    SqlConnections connections,
    TypeRegistry types,
    String pipeline,
    String slot,
    String publication,
    Map<String, String> passThrough) {

  /** The publication, and which alteration of it people accept. */
  PublicationHistory publicationHistory() {
    return new PublicationHistory(publication, settings.acceptPublication());
  }
}
