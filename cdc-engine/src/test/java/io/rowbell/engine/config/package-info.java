@NullMarked
package io.rowbell.engine.config;

import org.jspecify.annotations.NullMarked;
