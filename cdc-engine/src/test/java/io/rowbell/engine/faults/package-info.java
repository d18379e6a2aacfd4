/** The fault matrix: the engine as it is shipped, under faults, with both journals. */
@NullMarked
package io.rowbell.engine.faults;

import org.jspecify.annotations.NullMarked;
