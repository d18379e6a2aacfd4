/**
 * Turns changes into durable events and delivers them: two stages with the journal between them.
 *
 * <p>{@link io.rowbell.engine.Pipeline} and {@link io.rowbell.engine.Subscriber} are single steps
 * without threads or clocks of their own; {@link io.rowbell.engine.Engine} owns the threads that
 * repeat them.
 */
@NullMarked
package io.rowbell.engine;

import org.jspecify.annotations.NullMarked;
