@NullMarked
package io.rowbell.engine.verify;

import org.jspecify.annotations.NullMarked;
