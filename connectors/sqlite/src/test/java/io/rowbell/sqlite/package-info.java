@NullMarked
package io.rowbell.sqlite;

import org.jspecify.annotations.NullMarked;
