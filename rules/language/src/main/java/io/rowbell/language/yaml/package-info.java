/**
 * YAML as its author wrote it: nodes with positions and raw scalars, no constructed objects, so
 * {@code on} is a word and {@code no} is not false.
 *
 * <p>Built on snakeyaml-engine's events. What is read is bounded in bytes, depth and nodes; aliases
 * and tags are refused. {@link io.rowbell.language.yaml.YamlReader} is the way in.
 */
@NullMarked
package io.rowbell.language.yaml;

import org.jspecify.annotations.NullMarked;
