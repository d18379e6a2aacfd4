/** What is measured inside the PostgreSQL adapter. */
@org.jspecify.annotations.NullMarked
package io.rowbell.postgres;
