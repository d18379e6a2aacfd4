package io.rowbell.engine.config;

import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline, as it is configured: everything that {@code rowbell.yaml} says, checked as far as it
 * can be without connecting to anything.
 *
 * @param name the pipeline's name: the default name of slot, publication, topics and groups
 * @param directory what relative paths are relative to: where the file lies
 * @param source where changes come from
 * @param rules the rule files, in the order of the patterns and then of their names; at least one
 * @param journal where events become durable
 * @param subscribers who is served from the journal, besides handlers registered in Java; names are
 *     unique
 * @param standby how to wait for another instance; null to end if there is one
 * @param http where status is served; null for nowhere
 * @param debezium settings for Debezium, verbatim
 * @param hashKey the key of the rules' {@code hash()}; null if none was given
 * @param classes what handler classes and adapters are loaded by: the class path, then the jars of
 *     the plugins directory
 */
public record EngineConfig(
    String name,
    Path directory,
    SourceConfig<?> source,
    List<Path> rules,
    JournalConfig<?> journal,
    List<SubscriberConfig> subscribers,
    @Nullable StandbyConfig standby,
    @Nullable HttpConfig http,
    Map<String, String> debezium,
    @Nullable Secret hashKey,
    ClassLoader classes) {
  public EngineConfig {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(source, "source");
    rules = List.copyOf(rules);
    Objects.requireNonNull(journal, "journal");
    subscribers = List.copyOf(subscribers);
    debezium = Map.copyOf(debezium);
    Objects.requireNonNull(classes, "classes");
  }

  /** The same pipeline with other rule files. */
  public EngineConfig withRules(List<Path> files) {
    return new EngineConfig(
        name,
        directory,
        source,
        files,
        journal,
        subscribers,
        standby,
        http,
        debezium,
        hashKey,
        classes);
  }

  /** What adapters are told besides their own settings. */
  public AdapterContext context() {
    return new AdapterContext(name, directory, debezium);
  }
}
