/**
 * The commit protocol as a state machine, and what looks for its mistakes: read {@link
 * io.rowbell.testkit.protocol.CommitProtocol} first.
 */
@NullMarked
package io.rowbell.testkit.protocol;

import org.jspecify.annotations.NullMarked;
