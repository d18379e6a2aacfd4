package io.rowbell.postgres;

import io.rowbell.model.Requirements;
import io.rowbell.spi.Finding;
import io.rowbell.spi.PublicationPlan;
import io.rowbell.spi.Publishing;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source.Applied;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans and alters the publication of one pipeline. */
final class PublicationControl implements Publishing {
  private final SqlConnections connections;
  private final CatalogReader catalogs;
  private final PublicationHistory history;

  PublicationControl(
      SqlConnections connections, CatalogReader catalogs, PublicationHistory history) {
    this.connections = connections;
    this.catalogs = catalogs;
    this.history = history;
  }

  @Override
  public PublicationPlan plan(Requirements requirements, Resume resume, boolean keysStay)
      throws SourceException {
    try (Connection connection = connections.open()) {
      ServerState server = ServerState.read(connection);
      Tables tables = new Tables(catalogs.read(connection), TableFacts.read(connection), server);
      String name = history.publication();
      PublicationState published = PublicationState.read(connection, name).orElse(null);
      Diagnosis.Collector found = new Diagnosis.Collector();
      new PublicationChecks(name, tables, requirements, found).check(published, null, resume);
      new BackfillChecks(server, name, tables, found).check(requirements, published);
      PublicationPlanner.Planned planned =
          new PublicationPlanner(name, tables, requirements, keysStay).plan(published);
      return new PublicationPlan(
          name,
          found.all().stream().map(Diagnosis::finding).toList(),
          planned.decisions(),
          planned.statements());
    } catch (SQLException e) {
      throw SqlErrors.whileAsking("planning the publication", e);
    }
  }

  /**
   * A journal that has seen the publication must accept the alteration: between two states that
   * send all that is needed, in one transaction, nothing can be missing. What was altered before is
   * not ours to accept.
   */
  @Override
  public Outcome apply(PublicationPlan plan, Requirements requirements, Resume resume)
      throws SourceException {
    try (Connection connection = connections.open()) {
      byte[] recorded = recorded(connection, resume);
      refuseAltered(connection, requirements, recorded);
      if (!carryOut(connection, plan.statements())) {
        return new Outcome(new Applied(List.of(), plan.statements()), null);
      }
      return new Outcome(
          new Applied(plan.statements(), List.of()), token(connection, requirements, recorded));
    } catch (SQLException e) {
      throw SqlErrors.whileAsking("altering the publication", e);
    }
  }

  private static byte @Nullable [] recorded(Connection connection, Resume resume)
      throws SQLException {
    return WriterSession.database(connection).equals(resume.database())
        ? resume.state().get(PublicationVersion.STATE)
        : null;
  }

  private void refuseAltered(
      Connection connection, Requirements requirements, byte @Nullable [] recorded)
      throws SQLException, SourceException {
    Diagnosis.Collector found = new Diagnosis.Collector();
    var unused = history.compare(connection, requirements.tables().keySet(), recorded, found);
    List<Finding> altered = found.all().stream().map(Diagnosis::finding).toList();
    if (!altered.isEmpty()) {
      throw new SourceException(Kind.POSITION_MISMATCH, altered);
    }
  }

  /**
   * @return whether the role may
   */
  private static boolean carryOut(Connection connection, List<String> statements)
      throws SQLException, SourceException {
    connection.setAutoCommit(false);
    String last = "";
    try (Statement execution = connection.createStatement()) {
      for (String statement : statements) {
        last = statement;
        execution.execute(statement);
      }
      connection.commit();
      return true;
    } catch (SQLException e) {
      connection.rollback();
      if (SqlErrors.state(e).equals("42501")) {
        return false;
      }
      throw new SourceException(
          Kind.MISCONFIGURED,
          last + " failed, and nothing was altered: " + SqlErrors.describe(e),
          e);
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private @Nullable String token(
      Connection connection, Requirements requirements, byte @Nullable [] recorded)
      throws SQLException {
    PublicationVersion now =
        PublicationVersion.read(connection, history.publication(), requirements.tables().keySet())
            .orElse(null);
    return now == null
            || recorded == null
            || now.alteredSince(PublicationVersion.parse(recorded)).isEmpty()
        ? null
        : now.token();
  }
}
