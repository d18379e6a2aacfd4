/**
 * The tests of a rule file: its steps are changes of a virtual database, evaluated by the rules
 * themselves in virtual time.
 *
 * <p>{@link io.rowbell.language.testing.RuleTests} reads and runs them. The flow: {@code
 * TestReader} turns YAML into {@code Step}s, checked against the catalog and what the rules can
 * make; {@code VirtualDatabase} turns a step into changes as PostgreSQL would log them; {@code
 * TestRun} lets the rules see them and compares what came with what was expected; {@code Mismatch}
 * is the one place that says how they differ.
 */
@NullMarked
package io.rowbell.language.testing;

import org.jspecify.annotations.NullMarked;
