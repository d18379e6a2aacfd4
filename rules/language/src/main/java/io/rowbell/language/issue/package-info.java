/**
 * What is wrong with a file, where exactly, and what to do: the form every message to a rule author
 * has.
 */
@NullMarked
package io.rowbell.language.issue;

import org.jspecify.annotations.NullMarked;
