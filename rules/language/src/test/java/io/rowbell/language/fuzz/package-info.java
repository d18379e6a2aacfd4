/**
 * Rule files that nobody would write, and rows that nobody expects: the compiler answers with
 * issues, the rules with events or dead letters, and neither ever fails.
 */
@NullMarked
package io.rowbell.language.fuzz;

import org.jspecify.annotations.NullMarked;
