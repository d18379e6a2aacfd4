/** What docs/security.md promises, tried on real processes. */
@NullMarked
package io.rowbell.engine.security;

import org.jspecify.annotations.NullMarked;
