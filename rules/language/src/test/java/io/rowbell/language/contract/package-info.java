@NullMarked
package io.rowbell.language.contract;

import org.jspecify.annotations.NullMarked;
