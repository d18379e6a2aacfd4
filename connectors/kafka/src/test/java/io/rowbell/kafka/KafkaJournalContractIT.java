package io.rowbell.kafka;

import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.JournalFactory;
import io.rowbell.testkit.JournalContract;
import io.rowbell.testkit.KafkaBroker;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** All tests share one broker and the topic of their events: each must see its own only. */
class KafkaJournalContractIT extends JournalContract<KafkaJournalSettings> {
  private static @Nullable KafkaBroker broker;

  private final AdapterContext context = Settings.newPipeline();

  @BeforeAll
  static void startBroker() {
    broker = KafkaBroker.start();
  }

  @AfterAll
  static void stopBroker() {
    if (broker != null) {
      broker.close();
    }
  }

  @Override
  protected JournalFactory<KafkaJournalSettings> factory() {
    return new KafkaJournalFactory();
  }

  @Override
  protected KafkaJournalSettings settings() {
    if (broker == null) {
      throw new IllegalStateException("the broker is not started");
    }
    return Settings.journal(broker.bootstrapServers());
  }

  @Override
  protected AdapterContext context() {
    return context;
  }
}
