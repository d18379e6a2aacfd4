package io.rowbell.postgres;

import io.rowbell.model.Position;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * A replication slot that is one session's own and goes with it, for those who look beside the
 * pipeline. A slot holds back the server's log: so the server ends the session, and with it the
 * slot, when nobody has used it for a while.
 */
final class TemporarySlot {
  /** {@code query_canceled}: a statement took longer than it may. */
  static final String TOO_LONG = "57014";

  private static final String MAKE =
      "SELECT lsn::text FROM pg_create_logical_replication_slot(?::name, 'pgoutput', true)";
  private static final String COPY =
      "SELECT lsn::text FROM pg_copy_logical_replication_slot(?::name, ?::name, true)";

  private final Endpoint endpoint;
  private final Connection session;
  private final String name = "rowbell_watch_" + UUID.randomUUID().toString().replace("-", "");

  /**
   * @param session whose slot it will be
   */
  TemporarySlot(Endpoint endpoint, Connection session) {
    this.endpoint = endpoint;
    this.session = session;
  }

  String name() {
    return name;
  }

  /**
   * Lets the server end the session when it is idle; also where the server waits for us to take an
   * answer, which is no idle session, and where it streams and nobody answers.
   */
  void endUnattended(Duration unattended) throws SQLException {
    try (Statement setting = session.createStatement()) {
      for (String limit :
          List.of(
              "idle_session_timeout",
              "idle_in_transaction_session_timeout",
              "tcp_user_timeout",
              "wal_sender_timeout")) {
        setting.execute("SET " + limit + " = " + unattended.toMillis());
      }
    }
  }

  /**
   * Makes one that begins now.
   *
   * @param patience how long the session lets that wait for transactions that are open
   * @return where it begins
   */
  Position make(Duration patience) throws SourceException, SQLException {
    try (PreparedStatement statement = session.prepareStatement(MAKE)) {
      statement.setString(1, name);
      return position(statement);
    } catch (SQLException e) {
      if (SqlErrors.state(e).equals(TOO_LONG)) {
        throw new SourceException(
            Kind.FAILED,
            "making a temporary slot waited "
                + patience.toSeconds()
                + " s for transactions that were open before it: end them (SELECT pid, xact_start,"
                + " query FROM pg_stat_activity ORDER BY xact_start) and try again",
            e);
      }
      throw refused(e);
    }
  }

  /**
   * Makes a copy of the pipeline's slot, which may be streamed from meanwhile.
   *
   * @return what the pipeline has confirmed
   */
  Position copy() throws SourceException, SQLException {
    try (PreparedStatement statement = session.prepareStatement(COPY)) {
      statement.setString(1, endpoint.slot());
      statement.setString(2, name);
      return position(statement);
    } catch (SQLException e) {
      if (SqlErrors.state(e).equals("42704")) {
        throw new SourceException(
            Kind.MISCONFIGURED,
            "there is no logical slot '" + endpoint.slot() + "', whose changes could be read again",
            e);
      }
      throw refused(e);
    }
  }

  private static Position position(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      row.next();
      return Position.parse(row.getString(1));
    }
  }

  private SourceException refused(SQLException e) {
    return switch (SqlErrors.state(e)) {
      case "53400" ->
          new SourceException(
              Kind.MISCONFIGURED,
              "looking at changes needs a temporary replication slot, and all are in use: raise"
                  + " max_replication_slots by one, or drop a slot that nobody needs (SELECT"
                  + " slot_name, active FROM pg_replication_slots)",
              e);
      case "42501" ->
          new SourceException(
              Kind.MISCONFIGURED,
              "role '"
                  + endpoint.settings().user()
                  + "' may not make a replication slot: ALTER ROLE "
                  + SqlConnections.quoted(endpoint.settings().user())
                  + " REPLICATION",
              e);
      default -> SqlErrors.whileAsking("making a temporary replication slot", e);
    };
  }
}
