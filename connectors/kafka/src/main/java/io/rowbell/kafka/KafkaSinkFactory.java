package io.rowbell.kafka;

import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Sink;
import io.rowbell.spi.SinkFactory;

/** Makes sinks that send events to Kafka topics, without transactions. */
public final class KafkaSinkFactory implements SinkFactory<KafkaSinkSettings> {
  /** For {@link java.util.ServiceLoader}. */
  public KafkaSinkFactory() {}

  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public Class<KafkaSinkSettings> settingsType() {
    return KafkaSinkSettings.class;
  }

  @Override
  public Sink open(KafkaSinkSettings settings, AdapterContext context) {
    if (settings.maxBatch() < 1) {
      throw new InvalidSettingException("max-batch", "a batch holds one event or more");
    }
    String topic = settings.topic();
    if (topic != null && !Names.isTopic(topic)) {
      throw new InvalidSettingException("topic", "'" + topic + "' is no name for a topic");
    }
    return new KafkaSink(
        settings,
        new Clients(
            new ClientProperties(Cluster.of(settings, context.directory())),
            "rowbell-" + context.pipeline() + "-sink"));
  }
}
