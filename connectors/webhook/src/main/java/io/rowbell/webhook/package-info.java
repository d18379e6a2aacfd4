/**
 * Webhooks: each event is one POST request, signed, to one URL.
 *
 * <p>{@link io.rowbell.webhook.WebhookSink} sends; {@link io.rowbell.webhook.Signer} signs; {@link
 * io.rowbell.webhook.Destinations} says which addresses may be connected to.
 */
@NullMarked
package io.rowbell.webhook;

import org.jspecify.annotations.NullMarked;
