/**
 * What a migration makes of tables, told from its SQL alone: nothing is run. {@link
 * io.rowbell.engine.migration.Migration} is the way in. The SQL is parsed by pgCodeKeeper's grammar
 * of PostgreSQL; what the parser or this package does not understand is a note that says so.
 */
@NullMarked
package io.rowbell.engine.migration;

import org.jspecify.annotations.NullMarked;
