@NullMarked
package io.rowbell.webhook;

import org.jspecify.annotations.NullMarked;
