/**
 * The configuration: one YAML file, bound to records, with the environment's overrides.
 *
 * <p>{@link io.rowbell.engine.config.ConfigLoader} reads it into an {@link
 * io.rowbell.engine.config.EngineConfig}. Defaults live in the records and nowhere else. Nothing
 * here opens a connection or starts a thread.
 */
@NullMarked
package io.rowbell.engine.config;

import org.jspecify.annotations.NullMarked;
