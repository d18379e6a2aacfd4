package io.rowbell.postgres;

import io.rowbell.model.ColumnType;
import java.util.Objects;

/**
 * A type of the live database: what rules see of it, and how its values are read.
 *
 * @param columnType what rules see; a domain has its base type's kind and its own name
 * @param decoder reads its values
 */
record SqlType(ColumnType columnType, TextDecoder decoder) {
  SqlType {
    Objects.requireNonNull(columnType, "columnType");
    Objects.requireNonNull(decoder, "decoder");
  }
}
