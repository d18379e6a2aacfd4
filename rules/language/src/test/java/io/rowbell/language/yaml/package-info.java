@NullMarked
package io.rowbell.language.yaml;

import org.jspecify.annotations.NullMarked;
