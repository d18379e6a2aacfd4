package io.rowbell.postgres;

import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says what a driver's error means here and what to do, by its SQLSTATE. */
final class SqlErrors {
  /** What the driver says where it gives no cause. */
  private static final Pattern TLS_WORDS =
      Pattern.compile("SSL|hostnameverifier|[Cc]ertificate|cryptographic");

  private SqlErrors() {}

  /** The error of a connection that could not be made. */
  static SourceException whileConnecting(PostgresSettings settings, SQLException e) {
    String where =
        String.format(
            Locale.ROOT,
            "PostgreSQL at %s:%d, database '%s'",
            settings.host(),
            settings.port(),
            settings.database());
    String state = state(e);
    if (settings.tls() != null && state.startsWith("08") && aboutTls(e)) {
      String next =
          "no encrypted connection could be made as source.postgres.tls asks for: check that the"
              + " server has ssl = on, its certificate against the root certificate and host name"
              + " given, and our own key and its password, if one is given";
      return new SourceException(
          Kind.UNREACHABLE, where + ": " + next + " (" + describe(e) + ")", e);
    }
    String next =
        switch (state) {
          case WRONG_PASSWORD ->
              "it refused the password of role '"
                  + settings.user()
                  + "': check source.postgres.user and source.postgres.password. If there is no such"
                  + " role, let an administrator make it: "
                  + newRole(settings);
          case "28000" ->
              "it does not let role '"
                  + settings.user()
                  + "' in: check the role, pg_hba.conf, and whether source.postgres.tls is asked for";
          case "3D000" -> "there is no such database: check source.postgres.database";
          case "42501" ->
              "role '"
                  + settings.user()
                  + "' may not connect to it: GRANT CONNECT ON DATABASE "
                  + SqlConnections.quoted(settings.database())
                  + " TO "
                  + SqlConnections.quoted(settings.user());
          case "53300" -> "it has no connection left: raise max_connections, or close some";
          case "57P03" -> "it is starting or stopping: try again";
          case "08001", "08004", "08006" -> unreachable(settings, e);
          default -> "connecting failed";
        };
    return new SourceException(Kind.UNREACHABLE, where + ": " + next + " (" + describe(e) + ")", e);
  }

  private static String unreachable(PostgresSettings settings, SQLException e) {
    if (settings.socket() == null) {
      return "it cannot be reached: check that it runs and listens there, and the network between";
    }
    String why = e.getCause() == null ? "no answer" : e.getCause().getMessage();
    return "its socket cannot be reached ("
        + why
        + "): check that it runs, that its unix_socket_directories has this directory, and that we"
        + " may write to the socket";
  }

  /** All that a role needs to follow what is published; more only for backfills, by the checks. */
  private static String newRole(PostgresSettings settings) {
    String role = SqlConnections.quoted(settings.user());
    return "CREATE ROLE "
        + role
        + " LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '…'; GRANT CONNECT ON"
        + " DATABASE "
        + SqlConnections.quoted(settings.database())
        + " TO "
        + role;
  }

  /** {@code invalid_password}: also if there is no such role. */
  static final String WRONG_PASSWORD = "28P01";

  /** {@code object_in_use}: a slot that another process streams from. */
  static final String IN_USE = "55006";

  /** {@code connection_failure}. */
  static final String CONNECTION_LOST = "08006";

  /** Whether the driver and the server did not come to terms about encryption. */
  private static boolean aboutTls(SQLException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException
          || cause instanceof GeneralSecurityException
          || TLS_WORDS.matcher(String.valueOf(cause.getMessage())).find()) {
        return true;
      }
    }
    return false;
  }

  /** Whether waiting may heal a failure: the network, a restart, a slot that is in use. */
  static boolean mayHeal(@Nullable Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof IOException) {
        return true;
      }
      if (e instanceof SQLException sql) {
        String state = state(sql);
        if (state.startsWith("08")
            || state.startsWith("57P")
            || state.startsWith("53")
            || state.equals(IN_USE)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether another process has what we need. */
  static boolean isInUse(SourceException e) {
    return e.getCause() instanceof SQLException sql && state(sql).equals(IN_USE);
  }

  /** What ended a run of Debezium's engine, in the server's words if it was the server. */
  static SourceException whileStreaming(String slot, Throwable failure) {
    Throwable last = failure;
    for (Throwable e = failure; e != null; e = e.getCause()) {
      last = e;
      if (e instanceof RowTooLargeException large) {
        return new SourceException(
            Kind.MISCONFIGURED,
            "streaming from slot '" + slot + "' stopped: " + large.getMessage(),
            failure);
      }
      if (e instanceof SQLException sql) {
        SourceException said = whileAsking("streaming from slot '" + slot + "'", sql);
        return new SourceException(said.kind(), String.valueOf(said.getMessage()), failure);
      }
    }
    return new SourceException(
        Kind.FAILED, "streaming from slot '" + slot + "' failed: " + last.getMessage(), failure);
  }

  /** The error of a statement on an open connection. */
  static SourceException whileAsking(String doing, SQLException e) {
    Kind kind =
        state(e).startsWith("08") || state(e).startsWith("57P")
            ? Kind.UNREACHABLE
            : state(e).equals("42501") ? Kind.MISCONFIGURED : Kind.FAILED;
    return new SourceException(kind, doing + " failed: " + describe(e), e);
  }

  static String state(SQLException e) {
    return e.getSQLState() == null ? "" : e.getSQLState();
  }

  /** The server's or driver's words on one line, and the SQLSTATE. */
  static String describe(SQLException e) {
    String message = String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", "; ").strip();
    return state(e).isEmpty() ? message : message + ", SQLSTATE " + state(e);
  }
}
