/**
 * The rule language: text and table schemas in, a set of rules that turns changes into events out.
 *
 * <p>{@link io.rowbell.language.RuleCompiler} reads {@link io.rowbell.language.RuleFile}s and gives
 * a {@link io.rowbell.language.RuleSet}, or every issue of every file. No I/O, threads, clocks or
 * logging.
 */
@NullMarked
package io.rowbell.language;

import org.jspecify.annotations.NullMarked;
