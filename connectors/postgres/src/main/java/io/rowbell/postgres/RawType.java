package io.rowbell.postgres;

/** How the text of PostgreSQL's own types can be compared before it is decoded. */
enum RawType {
  BOOLEAN,
  /** Integers and {@code numeric}. */
  NUMBER,
  /** Types whose values are their text. */
  TEXT,
  /** Can only be compared with its like; decoding it never fails. */
  READABLE,
  /** Anything else, as all that users make. */
  OTHER;

  /**
   * @param oid {@code pg_type.oid}, which PostgreSQL never gives to another of its own types
   */
  static RawType of(long oid) {
    return switch ((int) oid) {
      case 16 -> BOOLEAN;
      case 20, 21, 23, 26, 1700 -> NUMBER; // int8, int2, int4, oid, numeric
      case 19, 25, 1042, 1043 -> TEXT; // name, text, char(n), varchar
      // bytea, json, float4, float8, date, timestamp, timestamptz, uuid, jsonb
      case 17, 114, 700, 701, 1082, 1114, 1184, 2950, 3802 -> READABLE;
      default -> OTHER;
    };
  }
}
