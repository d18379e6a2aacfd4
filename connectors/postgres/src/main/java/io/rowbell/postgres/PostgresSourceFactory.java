package io.rowbell.postgres;

import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceFactory;

/** Makes sources that follow a PostgreSQL database: {@code source: {postgres: …}}. */
public final class PostgresSourceFactory implements SourceFactory<PostgresSettings> {
  @Override
  public String name() {
    return "postgres";
  }

  @Override
  public Class<PostgresSettings> settingsType() {
    return PostgresSettings.class;
  }

  @Override
  public Source open(PostgresSettings settings, AdapterContext context) {
    return new PostgresSource(settings, context);
  }
}
