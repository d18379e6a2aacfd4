@NullMarked
package io.rowbell.examples.demo;

import org.jspecify.annotations.NullMarked;
