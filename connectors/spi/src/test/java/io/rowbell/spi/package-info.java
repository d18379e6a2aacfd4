@NullMarked
package io.rowbell.spi;

import org.jspecify.annotations.NullMarked;
