/**
 * The ports of the engine: where changes come from ({@link io.rowbell.spi.Source}), where events
 * become durable ({@link io.rowbell.spi.Journal}) and where they are delivered ({@link
 * io.rowbell.spi.Sink}).
 *
 * <p>Each adapter offers a factory through {@link java.util.ServiceLoader}. Everywhere, returning
 * is acknowledging: there is no acknowledgement object and no callback.
 */
@NullMarked
package io.rowbell.spi;

import org.jspecify.annotations.NullMarked;
