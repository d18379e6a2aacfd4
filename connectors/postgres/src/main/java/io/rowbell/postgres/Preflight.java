package io.rowbell.postgres;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.Requirements;
import io.rowbell.model.TableId;
import io.rowbell.spi.Finding;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source.Applied;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The checks before a start: everything that keeps a set of rules from being followed without loss,
 * found at once, each with what mends it. Fails closed: what cannot be read is an error.
 *
 * <p>{@link #apply} carries out only what adds something of our own: it makes the publication, adds
 * tables and operations to it, makes the slot. What touches the application (replica identities,
 * which cost log and take a lock), what somebody narrowed on purpose (column lists, row filters)
 * and what would pass over lost changes is printed for people to decide.
 */
final class Preflight {
  private final SqlConnections connections;
  private final CatalogReader catalogs;
  private final String slot;
  private final PublicationHistory history;
  private final Duration slotWait;

  /**
   * @param slot the slot's name, of lower-case letters, digits and underscores
   * @param history the publication, and which alteration of it people accept
   * @param slotWait how long making a slot may wait for transactions that are open
   */
  Preflight(
      SqlConnections connections,
      CatalogReader catalogs,
      String slot,
      PublicationHistory history,
      Duration slotWait) {
    this.connections = connections;
    this.catalogs = catalogs;
    this.slot = slot;
    this.history = history;
    this.slotWait = slotWait;
  }

  /**
   * Everything that is wrong.
   *
   * @return errors first; empty if all is well
   * @throws SourceException if the server cannot be reached or asked
   */
  List<Finding> inspect(Requirements requirements, Resume resume) throws SourceException {
    return diagnose(requirements, resume).stream().map(Diagnosis::finding).toList();
  }

  /**
   * Refuses if anything is wrong that would lose or misread changes.
   *
   * @throws SourceException with every error: POSITION_MISMATCH if one of them is about the
   *     position, else MISCONFIGURED
   */
  void require(Requirements requirements, Resume resume) throws SourceException {
    List<Diagnosis> errors =
        diagnose(requirements, resume).stream()
            .filter(found -> found.finding().severity() == Finding.Severity.ERROR)
            .toList();
    if (!errors.isEmpty()) {
      boolean position = errors.stream().anyMatch(found -> found.problem().aboutPosition());
      throw new SourceException(
          position ? Kind.POSITION_MISMATCH : Kind.MISCONFIGURED,
          errors.stream().map(Diagnosis::finding).toList());
    }
  }

  /**
   * Carries out what the findings ask for, as far as it only adds and the role may do it: the
   * publication first, so that the slot knows it.
   *
   * @return the statements that were carried out
   * @throws SourceException if one fails for another reason than a missing privilege
   */
  Applied apply(Requirements requirements, Resume resume) throws SourceException {
    List<String> done = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    try (Connection connection = connections.open()) {
      List<Diagnosis> all = diagnose(connection, requirements, resume);
      if (any(all, Problem.STANDBY)) {
        return Applied.NOTHING;
      }
      for (Diagnosis found : all) {
        if (found.repairable() && found.problem() != Problem.NO_SLOT) {
          carryOut(connection, found.finding().sql(), done, refused);
        }
      }
      // A slot made before its publication would stumble over every commit between the two.
      if (!any(all, Problem.WAL_LEVEL, Problem.NO_FREE_SLOT, Problem.NOT_REPLICATION)
          && PublicationState.read(connection, history.publication()).isPresent()) {
        for (Diagnosis found : all) {
          if (found.repairable() && found.problem() == Problem.NO_SLOT) {
            makeSlot(connection, found.finding().sql(), done, refused);
          }
        }
      }
      return new Applied(done, refused);
    } catch (SQLException e) {
      throw SqlErrors.whileAsking("mending what is wrong", e);
    }
  }

  private static boolean any(List<Diagnosis> all, Problem... problems) {
    return all.stream().anyMatch(found -> List.of(problems).contains(found.problem()));
  }

  private void carryOut(
      Connection connection, List<String> sql, List<String> done, List<String> refused)
      throws SourceException, SQLException {
    for (String statement : sql) {
      try (Statement execution = connection.createStatement()) {
        execution.execute(statement);
        done.add(statement);
      } catch (SQLException e) {
        if (SqlErrors.state(e).equals("42501")) {
          // The finding stays, and its SQL is for somebody who may.
          refused.add(statement);
          return;
        }
        if (SqlErrors.state(e).equals("57014")) {
          throw new SourceException(
              Kind.FAILED,
              statement
                  + " waited "
                  + slotWait.toMillis()
                  + " ms for transactions that were open before it: end them (SELECT pid, xact_start,"
                  + " query FROM pg_stat_activity ORDER BY xact_start) and try again",
              e);
        }
        throw new SourceException(
            Kind.MISCONFIGURED, statement + " failed: " + SqlErrors.describe(e), e);
      }
    }
  }

  private void makeSlot(
      Connection connection, List<String> sql, List<String> done, List<String> refused)
      throws SourceException, SQLException {
    int usual = connection.getNetworkTimeout();
    connection.setNetworkTimeout(
        Runnable::run, Math.toIntExact(slotWait.plusSeconds(30).toMillis()));
    try (Statement setting = connection.createStatement()) {
      setting.execute("SET statement_timeout = " + slotWait.toMillis());
      carryOut(connection, sql, done, refused);
      setting.execute("SET statement_timeout = 0");
    } finally {
      connection.setNetworkTimeout(Runnable::run, usual);
    }
  }

  private List<Diagnosis> diagnose(Requirements requirements, Resume resume)
      throws SourceException {
    try (Connection connection = connections.open()) {
      return diagnose(connection, requirements, resume);
    } catch (SQLException e) {
      throw SqlErrors.whileAsking("checking the database", e);
    }
  }

  private List<Diagnosis> diagnose(Connection connection, Requirements requirements, Resume resume)
      throws SourceException, SQLException {
    ServerState server = ServerState.read(connection);
    Diagnosis.Collector found = new Diagnosis.Collector();
    ServerChecks serverChecks = new ServerChecks(server, found);
    if (serverChecks.tooOld()) {
      return found.all();
    }
    Optional<SlotState> slotState = SlotState.read(connection, slot);
    Map<TableId, TableFacts> facts = TableFacts.read(connection);
    Tables tables = new Tables(catalogs.read(connection), facts, server);
    boolean held = slotState.map(SlotState::heldBy).isPresent();
    serverChecks.check(slotState.isPresent(), held);
    PublicationState published =
        PublicationState.read(connection, history.publication()).orElse(null);
    new PublicationChecks(history.publication(), tables, requirements, found)
        .check(published, slotState.isPresent() ? slot : null, resume);
    new BackfillChecks(server, history.publication(), tables, found).check(requirements, published);
    if (server.database().equals(resume.database())) {
      history.compare(
          connection,
          requirements.tables().keySet(),
          resume.state().get(PublicationVersion.STATE),
          found);
    }
    SlotChecks slotChecks = new SlotChecks(slot, server, found);
    slotChecks.check(slotState.orElse(null), resume);
    timeline(slotChecks, server, resume);
    return found.all();
  }

  private void timeline(SlotChecks checks, ServerState server, Resume resume)
      throws SourceException {
    OptionalLong recorded = Timelines.recorded(resume.state());
    Checkpoint checkpoint = resume.checkpoint();
    if (checkpoint != null
        && recorded.isPresent()
        && !server.standby()
        && server.database().equals(resume.database())
        && recorded.getAsLong() != server.timeline()) {
      Timelines.History history =
          server.timeline() == 1
              ? new Timelines.History(Map.of())
              : Timelines.history(connections, server.timeline());
      checks.timeline(recorded.getAsLong(), checkpoint, history);
    }
  }
}
