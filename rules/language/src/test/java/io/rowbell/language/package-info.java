@NullMarked
package io.rowbell.language;

import org.jspecify.annotations.NullMarked;
