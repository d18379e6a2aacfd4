/** How do several services react to one event, without one holding the others? */
@NullMarked
package io.rowbell.examples.fanout;

import org.jspecify.annotations.NullMarked;
