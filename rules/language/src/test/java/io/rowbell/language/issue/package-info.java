@NullMarked
package io.rowbell.language.issue;

import org.jspecify.annotations.NullMarked;
