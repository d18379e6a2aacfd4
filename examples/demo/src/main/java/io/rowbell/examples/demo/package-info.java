/** {@code rowbell demo}: a small stock market, real rules, and alerts as they happen. */
@NullMarked
package io.rowbell.examples.demo;

import org.jspecify.annotations.NullMarked;
