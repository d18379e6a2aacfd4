package io.rowbell.webhook;

import io.rowbell.model.DomainEvent;
import io.rowbell.spi.CloudEventJson;
import io.rowbell.spi.RejectedEventException;
import io.rowbell.spi.RetryableException;
import io.rowbell.spi.Sink;
import io.rowbell.spi.SinkException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.Message;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.nio.AsyncRequestProducer;
import org.apache.hc.core5.http.nio.entity.DiscardingEntityConsumer;
import org.apache.hc.core5.http.nio.support.AsyncRequestBuilder;
import org.apache.hc.core5.http.nio.support.BasicResponseConsumer;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * Posts each event to one URL, one after the other: the whole CloudEvent as JSON, signed.
 *
 * <p>Messages name scheme, host and port only: the rest of a URL may be a secret.
 */
final class WebhookSink implements Sink {
  private static final TimeValue CLOSE_TIMEOUT = TimeValue.ofSeconds(1);

  private final URI url;
  private final Duration timeout;
  private final Map<String, String> headers;
  private final @Nullable Signer signer;
  private final CloseableHttpAsyncClient client;
  private final InstantSource clock;
  private boolean started;

  /**
   * @param timeout for a whole delivery
   * @param headers sent with every request
   * @param signer signs; null for requests without a signature
   * @param client follows no redirect and repeats nothing; closed with the sink
   */
  WebhookSink(
      URI url,
      Duration timeout,
      Map<String, String> headers,
      @Nullable Signer signer,
      CloseableHttpAsyncClient client,
      InstantSource clock) {
    this.url = url;
    this.timeout = timeout;
    this.headers = Map.copyOf(headers);
    this.signer = signer;
    this.client = client;
    this.clock = clock;
  }

  @Override
  public void deliver(List<DomainEvent> events) throws SinkException, InterruptedException {
    for (DomainEvent event : events) {
      deliver(event);
    }
  }

  private void deliver(DomainEvent event) throws SinkException, InterruptedException {
    Instant now = clock.instant();
    Reply reply = post(event, now);
    switch (reply.meaning()) {
      case TAKEN -> {}
      case LATER ->
          throw new RetryableException(
              what(event) + ": the answer is " + reply.describe(), null, reply.waitFor(now));
      case NEVER ->
          throw new RejectedEventException(
              event.id(), what(event) + ": the answer is " + reply.describe(), null);
    }
  }

  private Reply post(DomainEvent event, Instant now) throws SinkException, InterruptedException {
    if (!started) {
      client.start();
      started = true;
    }
    Future<Message<HttpResponse, Void>> sent =
        client.execute(
            request(event, now.getEpochSecond()),
            new BasicResponseConsumer<>(new DiscardingEntityConsumer<>()),
            null);
    try {
      HttpResponse head = sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS).getHead();
      Header retryAfter = head.getFirstHeader("Retry-After");
      return new Reply(head.getCode(), retryAfter == null ? null : retryAfter.getValue());
    } catch (TimeoutException e) {
      sent.cancel(true);
      throw new RetryableException(
          what(event) + ": no answer within " + timeout.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      throw new RetryableException(what(event) + ": " + reason(e), e);
    } catch (InterruptedException e) {
      sent.cancel(true);
      throw e;
    }
  }

  private AsyncRequestProducer request(DomainEvent event, long timestamp) {
    String id = event.id().toString();
    byte[] body = CloudEventJson.of(event).bytes();
    AsyncRequestBuilder request =
        AsyncRequestBuilder.post(url).setEntity(body, ContentType.parse(CloudEventJson.MEDIA_TYPE));
    headers.forEach(request::setHeader);
    request.setHeader("webhook-id", id);
    request.setHeader("webhook-timestamp", Long.toString(timestamp));
    if (signer != null) {
      request.setHeader("webhook-signature", signer.sign(id, timestamp, body));
    }
    return request.build();
  }

  private static String reason(ExecutionException failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    if (cause instanceof ProtocolException || cause.getCause() instanceof ProtocolException) {
      // Its message quotes what came, which is not ours to log.
      return "what it answers is no HTTP/1.1";
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  private String what(DomainEvent event) {
    return "event %s cannot be posted to %s://%s"
        .formatted(event.id(), url.getScheme(), url.getAuthority());
  }

  @Override
  public void close() {
    client.initiateShutdown();
    try {
      // Its threads end by themselves; those that are closed under their hands log an error.
      client.awaitShutdown(CLOSE_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close(CloseMode.IMMEDIATE);
  }
}
