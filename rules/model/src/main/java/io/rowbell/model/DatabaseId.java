package io.rowbell.model;

import java.util.Objects;

/**
 * One database, told apart from every other: a restored copy on another server is another one.
 *
 * @param systemIdentifier the cluster's {@code system_identifier}, as PostgreSQL prints it
 * @param database the database's name
 */
public record DatabaseId(String systemIdentifier, String database) {
  public DatabaseId {
    Objects.requireNonNull(systemIdentifier, "systemIdentifier");
    Objects.requireNonNull(database, "database");
  }
}
