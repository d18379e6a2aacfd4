@NullMarked
package io.rowbell.engine.migration;

import org.jspecify.annotations.NullMarked;
