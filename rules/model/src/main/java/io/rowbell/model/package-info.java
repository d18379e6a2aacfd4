/**
 * What a committed change is and what a domain event is. No dependency, no I/O, no threads.
 *
 * <p>A source makes {@link io.rowbell.model.Change}s, rules turn them into {@link
 * io.rowbell.model.DomainEvent}s, a journal keeps those.
 */
@NullMarked
package io.rowbell.model;

import org.jspecify.annotations.NullMarked;
