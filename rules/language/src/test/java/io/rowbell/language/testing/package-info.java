@NullMarked
package io.rowbell.language.testing;

import org.jspecify.annotations.NullMarked;
