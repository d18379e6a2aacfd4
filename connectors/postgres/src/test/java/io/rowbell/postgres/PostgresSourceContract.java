package io.rowbell.postgres;

import io.rowbell.model.Change;
import io.rowbell.model.Requirements;
import io.rowbell.spi.Source;
import io.rowbell.testkit.PostgresServer;
import io.rowbell.testkit.SourceContract;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;

/** The contract with a PostgreSQL source. */
abstract class PostgresSourceContract extends SourceContract {
  private static int databases;
  Followed db;

  abstract PostgresServer server();

  /** How the source reaches it. */
  PostgresSettings settings(String database) {
    return RunningSource.settings(server(), database);
  }

  @BeforeEach
  void makeDatabase() throws SQLException {
    db = new Followed(server(), "contract_" + databases++);
    db.settings = settings(db.name);
    db.sql("create table t (id int primary key)");
  }

  @Override
  protected Source open() {
    return RunningSource.source(db.settings, db.slot());
  }

  @Override
  protected Requirements requirements() {
    return RunningSource.tables("public.t");
  }

  @Override
  protected void commit(int... ids) throws SQLException {
    db.sql(insert(ids));
  }

  @Override
  protected void rollBack(int... ids) throws SQLException {
    db.sql("begin; " + insert(ids) + "; rollback");
  }

  private static String insert(int... ids) {
    return Arrays.stream(ids)
        .mapToObj(id -> "(" + id + ")")
        .collect(Collectors.joining(", ", "insert into t values ", ""));
  }

  @Override
  protected int id(Change change) {
    return ((Long) Objects.requireNonNull(((Change.Inserted) change).after().get(0))).intValue();
  }
}
