@NullMarked
package io.rowbell.model;

import org.jspecify.annotations.NullMarked;
