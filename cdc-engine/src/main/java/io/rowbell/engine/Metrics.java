package io.rowbell.engine;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.rowbell.spi.JournalStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** What an engine tells Prometheus; everything is read when it is asked for, nothing is kept. */
final class Metrics {
  private static final String SHADOW = "rowbell.shadow.changes";
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MILLIS_PER_SECOND = 1e3;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Engine engine;
  private final InstantSource clock;

  Metrics(Engine engine, InstantSource clock) {
    this.engine = engine;
    this.clock = clock;
    source();
    journal();
    engine.subscribers().forEach(this::subscriber);
    pipeline();
    reloads();
  }

  /** The text that Prometheus scrapes. */
  String scrape() {
    shadows();
    return registry.scrape();
  }

  /** Rules come into the shadow and leave it with each reload. */
  private synchronized void shadows() {
    List<String> now =
        engine.pipelineStats().shadows().all().stream().map(r -> r.rule().rule()).toList();
    registry.find(SHADOW).meters().stream()
        .filter(meter -> !now.contains(meter.getId().getTag("rule")))
        .forEach(registry::remove);
    for (String rule : now) {
      for (ShadowRecord.Verdict verdict : ShadowRecord.Verdict.values()) {
        FunctionCounter.builder(
                SHADOW, engine, e -> e.pipelineStats().shadows().count(rule, verdict))
            .description("Changes by what a rule in shadow would have sent, beside the live one")
            .tags("rule", rule, "verdict", ShadowReport.word(verdict))
            .register(registry);
      }
    }
  }

  private void source() {
    gauge(
        "rowbell.ready",
        "1 if changes arrive, by the round trip of a marker",
        e -> e.readiness().ready() ? 1 : 0);
    gauge(
        "rowbell.standby",
        "1 while another instance works and this one waits to take over",
        e -> e.status().state() == EngineState.STANDBY ? 1 : 0);
    for (EngineState state : EngineState.values()) {
      Gauge.builder("rowbell.state", engine, e -> e.status().state() == state ? 1 : 0)
          .description("1 for the state that the engine is in, 0 for the others")
          .tags("state", state.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    gauge(
        "rowbell.source.connected",
        "1 while the change stream is open",
        e -> e.source().status().connected() ? 1 : 0);
    gauge(
        "rowbell.source.lag.seconds",
        "How much older what is durable is than the server's present; 0 when all is",
        e -> {
          Duration behind = e.source().status().behind();
          return behind == null ? Double.NaN : behind.toMillis() / MILLIS_PER_SECOND;
        });
    gauge(
        "rowbell.source.marker.age.seconds",
        "Since a marker last came back through the change stream",
        e -> {
          long marker = e.source().status().lastMarker();
          return marker == 0 ? Double.NaN : (System.nanoTime() - marker) / NANOS_PER_SECOND;
        });
    gauge(
        "rowbell.source.lag.bytes",
        "WAL between what is durable and the server's end",
        e -> known(e.source().status().lagBytes()));
    gauge(
        "rowbell.source.retained.wal.bytes",
        "WAL that the server keeps for the slot",
        e -> known(e.source().status().retainedBytes()));
    gauge(
        "rowbell.source.safe.wal.bytes",
        "WAL that may still be written before the server gives the slot up",
        e -> known(e.source().status().safeBytes()));
  }

  private void journal() {
    journal("rowbell.journal.bytes", "Room the journal takes", JournalStatus::bytes);
    journal("rowbell.journal.limit.bytes", "Room it may take", JournalStatus::limitBytes);
    journal(
        "rowbell.journal.dead.letters",
        "Dead letters that are kept, of rules and of subscribers",
        JournalStatus::deadLetters);
    gauge(
        "rowbell.journal.last.append.timestamp.seconds",
        "When the last durable step was taken, in seconds since 1970",
        e -> {
          Instant last = e.pipelineStats().lastAppend().get();
          return last == null ? Double.NaN : last.toEpochMilli() / MILLIS_PER_SECOND;
        });
  }

  private void journal(String name, String description, ToLongFunction<JournalStatus> figure) {
    gauge(
        name,
        description,
        e ->
            e.session()
                .map(s -> known(figure.applyAsLong(s.journal().status())))
                .orElse(Double.NaN));
  }

  private void pipeline() {
    gauge(
        "rowbell.pipeline.busy.seconds",
        "For how long the pipeline has been at one piece of work; 0 while no stream is open",
        e -> {
          long turn = e.source().status().lastTurn();
          return turn == 0 ? 0 : Math.max(0, System.nanoTime() - turn) / NANOS_PER_SECOND;
        });
    counter(
        "rowbell.pipeline.changes",
        "Committed changes seen by the rules",
        e -> e.pipelineStats().changes().sum());
    counter(
        "rowbell.pipeline.events", "Events made durable", e -> e.pipelineStats().events().sum());
    counter(
        "rowbell.pipeline.dead.letters",
        "Changes that a rule could not evaluate",
        e -> e.pipelineStats().deadLetters().sum());
    counter(
        "rowbell.pipeline.appends",
        "Durable steps of the journal",
        e -> e.pipelineStats().appends().sum());
  }

  private void reloads() {
    counter("rowbell.reload.taken", "Reloads whose rules took over", e -> e.reloads().taken());
    counter(
        "rowbell.reload.refused",
        "Reloads after which the rules of before went on",
        e -> e.reloads().refused());
    gauge(
        "rowbell.reload.last.successful",
        "1 if the rules of the last reload took over, 0 if they were refused",
        e -> last(e, reload -> reload.outcome() == Reload.Outcome.TAKEN ? 1 : 0));
    gauge(
        "rowbell.reload.last.timestamp.seconds",
        "When the last reload was decided, in seconds since 1970",
        e -> last(e, reload -> reload.at().toEpochMilli() / MILLIS_PER_SECOND));
  }

  private static double last(Engine engine, ToDoubleFunction<Reload> figure) {
    Reload last = engine.reloads().last();
    return last == null ? Double.NaN : figure.applyAsDouble(last);
  }

  private void subscriber(SubscriberSpec spec) {
    Tags tags = Tags.of("subscriber", spec.name());
    Subscriber.Stats stats = spec.stats();
    FunctionCounter.builder("rowbell.subscriber.delivered", stats, s -> s.delivered().sum())
        .description("Events the destination took")
        .tags(tags)
        .register(registry);
    FunctionCounter.builder("rowbell.subscriber.failed", stats, s -> s.failed().sum())
        .description("Deliveries that failed and are repeated")
        .tags(tags)
        .register(registry);
    FunctionCounter.builder("rowbell.subscriber.given.up", stats, s -> s.givenUp().sum())
        .description("Events that went to the dead letters")
        .tags(tags)
        .register(registry);
    Gauge.builder(
            "rowbell.subscriber.failing",
            stats,
            s -> s.health().state().failingSince() == null ? 0 : 1)
        .description("1 while a delivery waits for its next attempt")
        .tags(tags)
        .register(registry);
    Gauge.builder("rowbell.subscriber.paused", stats, s -> s.health().isPaused() ? 1 : 0)
        .description("1 while somebody has paused the subscriber")
        .tags(tags)
        .register(registry);
    Gauge.builder(
            "rowbell.subscriber.lag.events", engine, e -> of(e, JournalStatus::lag, spec.name()))
        .description("Events before the subscriber's cursor")
        .tags(tags)
        .register(registry);
    Gauge.builder("rowbell.subscriber.lag.seconds", stats.health(), this::age)
        .description("Age, since its commit, of the oldest event that is not done; 0 when all are")
        .tags(tags)
        .register(registry);
    Gauge.builder(
            "rowbell.subscriber.parked.keys",
            engine,
            e -> of(e, JournalStatus::parkedKeys, spec.name()))
        .description("Keys held back behind an event that could not be delivered")
        .tags(tags)
        .register(registry);
  }

  /** Of one that is paused and has read nothing it is not known. */
  private double age(Health health) {
    Instant oldest = health.oldest();
    if (oldest == null) {
      return health.isPaused() ? Double.NaN : 0;
    }
    return Math.max(0, Duration.between(oldest, clock.instant()).toMillis()) / MILLIS_PER_SECOND;
  }

  private static double of(
      Engine engine,
      java.util.function.Function<JournalStatus, ? extends Map<String, ? extends Number>> figure,
      String subscriber) {
    return engine
        .session()
        .map(session -> figure.apply(session.journal().status()).get(subscriber))
        .map(Number::doubleValue)
        .orElse(Double.NaN);
  }

  private static double known(long figure) {
    return figure < 0 ? Double.NaN : figure;
  }

  private void gauge(String name, String description, ToDoubleFunction<Engine> value) {
    Gauge.builder(name, engine, value).description(description).register(registry);
  }

  private void counter(String name, String description, ToLongFunction<Engine> value) {
    FunctionCounter.builder(name, engine, value::applyAsLong)
        .description(description)
        .register(registry);
  }
}
