package io.rowbell.language;

import io.rowbell.language.expression.Expression;
import io.rowbell.language.expression.Template;
import org.jspecify.annotations.Nullable;

/**
 * How a rule's event is made.
 *
 * @param rowKey tells the row from every other of its table
 * @param toldRow the same for dead letters: none if it is private
 */
record Making(
    Template type,
    Template topic,
    EventKey key,
    EventKey rowKey,
    EventKey toldRow,
    @Nullable Expression id,
    EventPayload payload,
    int version) {}
