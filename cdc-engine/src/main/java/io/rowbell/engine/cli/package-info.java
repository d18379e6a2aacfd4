/**
 * The command line: {@code rowbell run}, {@code check}, {@code events} and the rest.
 *
 * <p>Results go to standard output, everything else to standard error. Other modules add commands
 * through {@link io.rowbell.engine.cli.Subcommand}.
 */
@NullMarked
package io.rowbell.engine.cli;

import org.jspecify.annotations.NullMarked;
