/**
 * Compares the events that must be in a journal with those that are there: no I/O, no threads, no
 * clock.
 */
@NullMarked
package io.rowbell.engine.verify;

import org.jspecify.annotations.NullMarked;
