/**
 * Follows a PostgreSQL database: committed changes from its write-ahead log by way of an embedded
 * Debezium engine, the live catalog, and the checks before a start. The only place that knows
 * Debezium.
 */
@NullMarked
package io.rowbell.postgres;

import org.jspecify.annotations.NullMarked;
