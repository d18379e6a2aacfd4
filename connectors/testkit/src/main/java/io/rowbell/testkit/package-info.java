/**
 * What adapters and engines are tested with: real servers that can be killed, child JVMs that can
 * be killed, and the contracts that every journal, sink and source keeps.
 *
 * <p>{@link io.rowbell.testkit.PostgresServer} and {@link io.rowbell.testkit.KafkaBroker} need no
 * installation and no root; both listen on the loopback interface only, on free ports, and leave
 * nothing behind.
 */
@NullMarked
package io.rowbell.testkit;

import org.jspecify.annotations.NullMarked;
