/**
 * The default journal: one SQLite file beside the engine.
 *
 * <p>{@link io.rowbell.sqlite.SqliteJournalFactory} opens it; {@code schema.sql} beside this
 * package says what is in it, for people with the {@code sqlite3} tool too.
 */
@NullMarked
package io.rowbell.sqlite;

import org.jspecify.annotations.NullMarked;
