@NullMarked
package io.rowbell.engine.cli;

import org.jspecify.annotations.NullMarked;
