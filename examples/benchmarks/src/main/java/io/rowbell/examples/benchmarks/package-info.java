/**
 * Measures Rowbell beside its peers: every reader drains a copy of the same replication slot, so
 * the log is identical, and what counts is the ratio within one run. Beside that, what rules and
 * their memory cost by themselves.
 */
@NullMarked
package io.rowbell.examples.benchmarks;

import org.jspecify.annotations.NullMarked;
