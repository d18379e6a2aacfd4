@NullMarked
package io.rowbell.engine;

import org.jspecify.annotations.NullMarked;
