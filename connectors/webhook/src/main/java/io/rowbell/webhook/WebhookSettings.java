package io.rowbell.webhook;

import io.rowbell.spi.Secret;
import io.rowbell.spi.Setting;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a webhook.
 *
 * @param url where events are posted
 * @param secret signs them; {@code whsec_} and base64
 * @param previousSecret signs them too, while receivers change over from it
 * @param token sent as {@code Authorization: Bearer}
 * @param headers sent with every event; none of those that the sink writes itself
 * @param timeout from the start of a delivery to the end of the reply
 * @param allowNetworks private addresses that may be connected to
 * @param caCertificate a PEM file of the authorities to trust instead of Java's
 */
public record WebhookSettings(
    @Setting("Where events are posted: https, or http to an address in allow-networks") URI url,
    @Setting("Signs each event (Standard Webhooks): whsec_ and the base64 of 24 to 64 bytes")
        @Nullable Secret secret,
    @Setting("The secret of before: events are signed with it too, while receivers change over")
        @Nullable Secret previousSecret,
    @Setting("A token, sent as 'Authorization: Bearer'") @Nullable Secret token,
    @Setting(value = "Further headers of each request", byDefault = "{}")
        Map<String, String> headers,
    @Setting(value = "After how long a delivery has failed", byDefault = "15s") Duration timeout,
    @Setting(
            value =
                "Networks that may be connected to although they are private, for example"
                    + " 10.1.0.0/16",
            byDefault = "[]")
        List<String> allowNetworks,
    @Setting("A PEM file of the certificate authorities to trust instead of Java's")
        @Nullable Path caCertificate) {
  public WebhookSettings {
    headers = Map.copyOf(headers);
    allowNetworks = List.copyOf(allowNetworks);
  }
}
