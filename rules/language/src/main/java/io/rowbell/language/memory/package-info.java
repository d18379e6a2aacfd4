/**
 * What rules remember from one change to the next, per rule and key, and its form in the journal.
 *
 * <p>{@link io.rowbell.language.memory.Memory} belongs to one opening of the journal: it begins
 * with the entries that the journal holds, and gives back what changed, to be appended with the
 * events that it decided about. If an append fails it is thrown away with everything since, and the
 * next one begins with what is durable. Time in it is the changes' commit time, so the same changes
 * after the same entries always decide the same.
 */
@NullMarked
package io.rowbell.language.memory;

import org.jspecify.annotations.NullMarked;
