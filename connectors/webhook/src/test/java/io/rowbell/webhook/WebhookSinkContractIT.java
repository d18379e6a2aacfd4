package io.rowbell.webhook;

import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventId;
import io.rowbell.spi.Sink;
import io.rowbell.testkit.Samples;
import io.rowbell.testkit.SinkContract;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class WebhookSinkContractIT extends SinkContract {
  private Endpoint endpoint = Endpoint.plain();

  @BeforeEach
  void start() {
    endpoint.close();
    endpoint = Endpoint.plain();
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  @Override
  protected Sink open() {
    return new WebhookSinkFactory()
        .open(
            Hooks.to("http://127.0.0.1:" + endpoint.port() + "/events").settings(), Hooks.CONTEXT);
  }

  /** In this test the endpoint refuses one event only. */
  @Override
  protected List<EventId> arrived() {
    return endpoint.received().stream()
        .map(request -> EventId.parse(request.header("webhook-id")))
        .filter(id -> !id.equals(Samples.id(-1)))
        .toList();
  }

  @Override
  protected Optional<Sink> openUnreachable() {
    return Optional.of(
        new WebhookSinkFactory()
            .open(
                Hooks.to("http://127.0.0.1:1/").within(Duration.ofSeconds(5)).settings(),
                Hooks.CONTEXT));
  }

  @Override
  protected Optional<DomainEvent> unacceptable() {
    endpoint.answerOnce(422, Map.of());
    return Optional.of(Samples.event("Odd", "7", -1));
  }
}
