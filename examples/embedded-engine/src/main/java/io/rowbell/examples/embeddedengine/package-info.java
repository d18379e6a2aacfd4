/** How do I react to events inside my own Java program? */
@NullMarked
package io.rowbell.examples.embeddedengine;

import org.jspecify.annotations.NullMarked;
