package io.rowbell.engine.config;

import io.rowbell.spi.AdapterContext;
import java.util.Objects;

/**
 * What a configuration says of the journal: all that is needed to read it.
 *
 * @param journal where events became durable
 * @param context what it is told besides its own settings; nothing of Debezium's
 */
public record JournalAccess(JournalConfig<?> journal, AdapterContext context) {
  public JournalAccess {
    Objects.requireNonNull(journal, "journal");
    Objects.requireNonNull(context, "context");
  }
}
