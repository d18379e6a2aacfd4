package io.rowbell.examples.demo;

import java.time.Instant;

/**
 * An event as the demo shows it, wherever it was received.
 *
 * @param data the payload's JSON
 * @param committed when the transaction committed
 */
record Alert(String type, String data, Instant committed) {}
