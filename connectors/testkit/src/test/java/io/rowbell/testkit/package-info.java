@NullMarked
package io.rowbell.testkit;

import org.jspecify.annotations.NullMarked;
