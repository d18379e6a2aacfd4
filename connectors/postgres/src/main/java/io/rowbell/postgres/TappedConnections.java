package io.rowbell.postgres;

import io.debezium.jdbc.JdbcConfiguration;
import io.debezium.jdbc.JdbcConnection;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Debezium's seam {@code database.connection.factory.class}: every connection it makes is opened by
 * us, so it never learns the password, and its replication stream is ours to wrap. Made by
 * Debezium.
 */
public final class TappedConnections implements JdbcConnection.ConnectionFactory {
  /** The key, without Debezium's prefix, that names the run. */
  static final String RUN = "rowbell.run";

  /** For Debezium, which makes it by reflection. */
  public TappedConnections() {}

  @Override
  public Connection connect(JdbcConfiguration configuration) throws SQLException {
    return StreamTap.of(configuration.getString(RUN))
        .open(configuration.getString("replication") != null);
  }
}
