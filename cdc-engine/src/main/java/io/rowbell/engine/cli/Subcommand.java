package io.rowbell.engine.cli;

import java.util.concurrent.Callable;

/**
 * A command that another module adds to {@code rowbell}; found by {@link java.util.ServiceLoader}.
 *
 * <p>The class carries picocli's {@code @Command}, with a name, and has a public constructor
 * without parameters. It writes to {@code spec.commandLine().getOut()} and {@code getErr()}, where
 * {@code spec} is injected by {@code @Spec}. What {@link #call} returns is the exit code; what it
 * throws is shown as for every other command: an {@link io.rowbell.engine.EngineException} with its
 * own exit code, anything else as a fault of Rowbell's own.
 */
public interface Subcommand extends Callable<Integer> {}
